/** A refused op in the user's hands again: what can be corrected, and how it goes out once more. */
import type { OutboxOp } from '@/sync/types'
import type { OrderDraft } from '../orders/draft'
import { ownNames } from '../own'

export interface Fixable {
  record: string
  /** The fields of the form. */
  fields: string[]
  values: Record<string, unknown>
  /** The op's arguments with what was entered now. */
  argsWith: (values: Record<string, unknown>) => Record<string, unknown>
}

type Edits = Record<string, [unknown, unknown]>

/** Null where a form cannot help: then the op can be sent again as it is, or be given up. */
export function fixableOf(op: OutboxOp): Fixable | null {
  const dot = op.command.lastIndexOf('.')
  const record = op.command.slice(0, dot)
  const verb = op.command.slice(dot + 1)
  const { args } = op
  if (verb === 'create' && args.values) {
    const values = args.values as Record<string, unknown>
    const named = typeof op.result?.detail?.field === 'string' ? [op.result.detail.field] : []
    return {
      record,
      fields: [...new Set([...named, ...Object.keys(values)])],
      values,
      argsWith: (entered) => ({ ...args, values: { ...values, ...entered } }),
    }
  }
  if (verb === 'edit' && args.set) {
    const set = args.set as Edits
    return {
      record,
      fields: Object.keys(set),
      values: Object.fromEntries(Object.entries(set).map(([field, [, mine]]) => [field, mine])),
      argsWith: (entered) => ({
        ...args,
        set: Object.fromEntries(
          Object.entries(set).map(([field, [base, mine]]) => [
            field,
            [base, field in entered ? entered[field] : mine],
          ]),
        ),
      }),
    }
  }
  if (op.command === 'report.submit') {
    const fields = ['summary', 'next_plan']
    return {
      record: 'work_report',
      fields,
      values: Object.fromEntries(fields.map((field) => [field, args[field] ?? null])),
      argsWith: (entered) => ({ ...args, ...entered }),
    }
  }
  if (op.command === 'attachment.add') {
    return {
      record: 'attachment',
      fields: ['name'],
      values: { name: args.name },
      argsWith: ({ name }) => ({ ...args, name: name ?? args.name }),
    }
  }
  return null
}

/** A refused order as a draft again, lines and all. */
export function orderDraftOf(op: OutboxOp): OrderDraft | null {
  if (op.command !== 'order.place' || !Array.isArray(op.args.lines)) return null
  const text = (name: string) => (typeof op.args[name] === 'string' ? (op.args[name] as string) : null)
  const lines = op.args.lines as Record<string, string>[]
  return {
    lines: lines.map(({ id, product_id, quantity, price, price_reason }) => ({
      id: id!,
      product_id: product_id!,
      quantity: quantity!,
      ...(price_reason === 'free' ? { price, reason: 'free' as const } : {}),
    })),
    discount: text('discount') ?? '0.00',
    freight: text('freight') ?? '0.00',
    terminal_id: text('terminal_id'),
    customer_department_id: text('customer_department_id'),
    consignee: text('consignee'),
    consignee_mobile: text('consignee_mobile'),
    address: text('address'),
    delivery_time: text('delivery_time'),
    remark: text('remark'),
    own: ownNames(op.args.own),
  }
}
