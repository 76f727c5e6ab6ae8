/** Pages as they come over the wire: column by column (docs/sync-protocol.md). */

import type { Column, Dense, Row, TypePage } from './types'

/** How many rows of its type a page has. */
export function countOf(page: TypePage): number {
  const ids = page.values?.[0]
  if (ids === undefined) return 0
  return Array.isArray(ids) ? ids.length : 'uuid7' in ids ? ids.uuid7.length : 0
}

export function idsOf(page: TypePage): string[] {
  const ids = page.values?.[0]
  return ids === undefined ? [] : (unpack(ids, countOf(page)) as string[])
}

/** The rows of a page. A column without any value is not sent: `fields` are null in every row unless they came. */
export function rowsOf(page: TypePage, fields: readonly string[]): Row[] {
  const { columns = [], values = [] } = page
  const count = countOf(page)
  const common: Record<string, unknown> = {}
  for (const name of fields) common[name] = null
  const varying: Array<[string, unknown[]]> = []
  columns.forEach((name, index) => {
    const column = values[index]!
    if (!Array.isArray(column) && 'same' in column) common[name] = column.same
    else varying.push([name, unpack(column, count)])
  })
  const ruled = page.root !== undefined && !columns.includes('root')
  const rows: Row[] = []
  for (let n = 0; n < count; n++) {
    const row: Record<string, unknown> = { ...common }
    for (const [name, column] of varying) row[name] = column[n]
    if (ruled) row.root = rootByRule(page.root!, row)
    rows.push(row as Row)
  }
  return rows
}

/** The values of a column, however it was packed. */
export function unpack(column: Column, count: number): unknown[] {
  if (Array.isArray(column)) return column
  if ('same' in column) return Array.from({ length: count }, () => column.same)
  if ('of' in column) return column.at.map((place) => column.of[place])
  if ('text' in column) return apart(column)
  let at = 0
  if ('serial' in column) {
    return column.serial.map((step) => column.prefix + String((at += step)).padStart(column.digits, '0'))
  }
  if ('times' in column) {
    return column.times.map((step) => (step === null ? null : new Date((at += step)).toISOString()))
  }
  return column.uuid7.map((step, n) => {
    const time = (at += step).toString(16).padStart(12, '0')
    const rest = column.rest.slice(19 * n, 19 * n + 19)
    return `${time.slice(0, 8)}-${time.slice(8)}-7${rest.slice(0, 3)}-${rest.slice(3, 7)}-${rest.slice(7)}`
  })
}

/** Values that are equally long, one after the other; spaces only are null. */
function apart({ text, each, decimals }: Dense): unknown[] {
  const blank = ' '.repeat(each)
  const unit = decimals === undefined ? 0 : 10 ** decimals
  const found: unknown[] = []
  for (let start = 0; start < text.length; start += each) {
    const part = text.slice(start, start + each)
    found.push(part === blank ? null : unit ? Number(part) / unit : part)
  }
  return found
}

/** The root a row belongs to: "customer:<field>", several with "|": the first whose field has a value. */
export function rootByRule(rule: string, values: Record<string, unknown>): string {
  for (const choice of rule.split('|')) {
    const [kind, field] = choice.split(':')
    const key = field ? values[field] : undefined
    if (kind && typeof key === 'string' && key !== '') return `${kind}:${key}`
  }
  return 'company'
}
