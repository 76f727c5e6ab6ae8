/** Pages as they come over the wire: column by column (docs/sync-protocol.md). */

import type { Row, TypePage } from './types'

/** How many rows of its type a page has. */
export function countOf(page: TypePage): number {
  const ids = page.values?.[0]
  return Array.isArray(ids) ? ids.length : 0
}

export function idsOf(page: TypePage): string[] {
  return (page.values?.[0] ?? []) as string[]
}

/** The rows of a page. A column without any value is not sent: `fields` are null in every row unless they came. */
export function rowsOf(page: TypePage, fields: readonly string[]): Row[] {
  const { columns = [], values = [] } = page
  const common: Record<string, unknown> = {}
  for (const name of fields) common[name] = null
  const varying: Array<[string, unknown[]]> = []
  columns.forEach((name, index) => {
    const column = values[index]!
    if (Array.isArray(column)) varying.push([name, column])
    else common[name] = column.same
  })
  const ruled = page.root !== undefined && !columns.includes('root')
  const rows: Row[] = []
  for (let n = 0; n < countOf(page); n++) {
    const row: Record<string, unknown> = { ...common }
    for (const [name, column] of varying) row[name] = column[n]
    if (ruled) row.root = rootByRule(page.root!, row)
    rows.push(row as Row)
  }
  return rows
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
