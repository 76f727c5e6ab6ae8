/** Changes of single columns in the cache, inside a transaction in which the rows are as the server has them. */

import type { Cache, TransactionTables } from './cache'
import type { Changes } from './changes'
import type { Row } from './types'

/** Writes the columns into rows of the same `rev`: one that differs comes with a pull, as a whole. `whole`: rows that are
 * not here are put. */
export async function fillColumns(
  tables: TransactionTables,
  cache: Pick<Cache, 'types'>,
  part: { type: string; rows: Row[]; columns: string[]; whole: boolean },
  lost: ReadonlySet<string>,
  changes: Changes,
): Promise<void> {
  const { type, rows, columns, whole } = part
  const known = cache.types.has(type)
  const here = known
    ? await tables.table(type).bulkGet(rows.map(({ id }) => id))
    : await tables.strangers.bulkGet(rows.map(({ id }): [string, string] => [type, id]))
  const filled = rows.flatMap((row, index): Row[] => {
    const there = here[index]
    if (!there) return whole && !lost.has(row.root) ? [row] : []
    if (there.rev !== row.rev) return []
    return [{ ...there, ...Object.fromEntries(columns.map((name) => [name, row[name] ?? null])) }]
  })
  if (known) await tables.table(type).bulkPut(filled)
  else await tables.strangers.bulkPut(filled.map((row) => ({ ...row, type })))
  for (const { id } of filled) changes.note(type, id)
}

/** Removes columns from all rows of a type; null: the type itself is no more. */
export async function dropColumns(
  tables: TransactionTables,
  cache: Pick<Cache, 'types'>,
  type: string,
  columns: string[] | null,
  changes: Changes,
): Promise<void> {
  const rows = cache.types.has(type) ? tables.table(type).toCollection() : tables.strangers.where('type').equals(type)
  if (columns === null) await rows.delete()
  else {
    await rows.modify((row: Row) => {
      for (const name of columns) delete row[name]
    })
  }
  changes.note(type, null)
}
