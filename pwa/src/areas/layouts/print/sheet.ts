/** What stands on a printed page of a row: which fields, which lines, which sums. */
import { request } from '@/api/client'
import { getRecord, type RecordRow } from '@/api/records'
import { useEngine } from '@/sync/vue'
import { fieldNamed, recordNamed, type FieldDeclaration } from '@/ui/declarations'
import { isZero } from '@/ui/decimal'
import { isEmpty } from '@/ui/validate'

export interface Printed {
  row: RecordRow
  lines: RecordRow[]
}

/** Rows that stand in a table, and which of their columns usually do. */
export const LINES: Record<string, { record: string; usual: string[] }> = {
  order: {
    record: 'order_line',
    usual: ['product_no', 'product_name', 'spec_text', 'quantity', 'unit', 'price', 'subtotal'],
  },
}
const SUMS: Record<string, string[]> = {
  order: ['goods_total', 'freight', 'discount', 'payable', 'paid', 'debt'],
  payment: ['amount'],
}
const USUAL: Record<string, string[]> = {
  order: [
    'order_no',
    'ordered_at',
    'customer_id',
    'customer_department_id',
    'consignee',
    'consignee_mobile',
    'address',
    'delivery_time',
    'settlement_mode',
    'clerk_id',
    'remark',
  ],
  payment: ['kind', 'customer_id', 'order_id', 'paid_at', 'method_id', 'operator_id', 'remark'],
}

const isShown = (field: FieldDeclaration): boolean => !field.hidden && !['json', 'geo'].includes(field.kind)
const named = (record: string, names: readonly string[]): FieldDeclaration[] =>
  names.flatMap((name) => fieldNamed(record, name) ?? []).filter(isShown)

/** All that can be printed of a record; what this person may not see is not among it. */
export const printable = (record: string): FieldDeclaration[] => recordNamed(record).fields.filter(isShown)

/** The facts, without the sums. */
export function factsOf(record: string, chosen: string[] | null): FieldDeclaration[] {
  const usual = USUAL[record]
  const own = recordNamed(record).fields.filter(({ name }) => name.startsWith('own.'))
  const fields = chosen
    ? named(record, chosen)
    : usual
      ? [...named(record, usual), ...own.filter(isShown)]
      : printable(record).filter(({ section }) => section !== 'system')
  return fields.filter(({ name }) => !SUMS[record]?.includes(name))
}

export const sumsOf = (record: string, chosen: string[] | null): FieldDeclaration[] =>
  named(
    record,
    (SUMS[record] ?? []).filter((name) => !chosen || chosen.includes(name)),
  )

export function columnsOf(record: string, chosen: string[] | null): FieldDeclaration[] {
  const lines = LINES[record]
  return lines ? named(lines.record, chosen ?? lines.usual) : []
}

/** Nobody misses an empty fact or a discount of nothing on paper, where nobody has asked for it. */
export const isSaid = (field: FieldDeclaration, row: Record<string, unknown>): boolean =>
  !isEmpty(row[field.name]) && !(field.kind === 'money' && isZero(String(row[field.name])))

/** The row as the company has it, else as this device does. Throws ApiError where neither has it. */
export async function printedRow(record: string, id: string): Promise<Printed> {
  const engine = useEngine()
  const local = await engine.get(record, id).catch(() => undefined)
  const lines = LINES[record]
  try {
    if (record === 'order') {
      const full = await request<{ order: RecordRow; lines: RecordRow[] }>(
        `/api/orders/${encodeURIComponent(id)}/full`,
      )
      return { row: full.order, lines: full.lines }
    }
    return { row: await getRecord(record, id), lines: [] }
  } catch (error) {
    if (!local) throw error
    const found = lines ? await engine.rows(lines.record, { index: `${record}_id`, value: id }) : []
    return {
      row: local as unknown as RecordRow,
      lines: (found as unknown as RecordRow[]).sort((a, b) => Number(a.line_no) - Number(b.line_no)),
    }
  }
}

/** Something to look at where the company has no such row yet. */
export function invented(record: string): RecordRow {
  const values = recordNamed(record).fields.map((field): [string, unknown] => {
    const { kind, name, choices } = field
    const now = new Date().toISOString()
    if (kind === 'money' || kind === 'price') return [name, '128.00']
    if (kind === 'quantity' || kind === 'int') return [name, '6']
    if (kind === 'date' || kind === 'datetime') return [name, kind === 'date' ? now.slice(0, 10) : now]
    if (kind === 'choice') return [name, choices?.[0] ?? null]
    return [name, ['text', 'longtext'].includes(kind) ? '……' : null]
  })
  return { ...Object.fromEntries(values), id: '' } as RecordRow
}
