/** Puts what a comparison has brought into the cache, inside the transaction that restores and replays around it. */

import type { Cache, TransactionTables } from './cache'
import type { Changes } from './changes'
import { rowsOf } from './pages'
import type { DigestAnswer } from './types'
import { append } from './view'

/** Afterwards the named shards hold the answer's rows and nothing else. Returns the roots of which nothing is left. */
export async function putShards(
  tables: TransactionTables,
  cache: Pick<Cache, 'types' | 'fieldsOf'>,
  { shards = [], types = {} }: DigestAnswer,
  changes: Changes,
): Promise<string[]> {
  const named = new Map<string, string[]>()
  for (const [type, shard] of shards) append(named, type, shard)
  const left = new Set<string>()
  const came = new Set<string>()
  for (const [type, ends] of named) {
    const rows = types[type] ? rowsOf(types[type], cache.fieldsOf(type)) : []
    const coming = new Set(rows.map((row) => row.id))
    const goes = (id: string): boolean => !coming.has(id) && ends.some((end) => id.endsWith(end))
    for (const row of rows) came.add(row.root)
    if (!cache.types.has(type)) {
      const keys = await tables.strangers.where('type').equals(type).primaryKeys()
      await tables.strangers.bulkDelete(keys.filter(([, id]) => goes(id)))
      await tables.strangers.bulkPut(rows.map((row) => ({ ...row, type })))
      continue
    }
    const table = tables.table(type)
    const gone = (await table.toCollection().primaryKeys()).filter(goes)
    for (const row of await table.bulkGet(gone)) if (row) left.add(row.root)
    await table.bulkDelete(gone)
    await table.bulkPut(rows)
    for (const id of [...gone, ...coming]) changes.note(type, id)
  }
  return noteRoots(tables, cache, left, came)
}

/** A root of which nothing is left is one this phone no longer holds; one of which rows came is held again. */
async function noteRoots(
  tables: TransactionTables,
  cache: Pick<Cache, 'types'>,
  left: Set<string>,
  came: ReadonlySet<string>,
): Promise<string[]> {
  const lost = await tables.roots.toArray()
  const back = lost.filter(({ root, held }) => held === 0 && came.has(root))
  await tables.roots.bulkPut(back.map(({ root }) => ({ root, held: 1 })))
  if (left.size === 0) return []
  for (const type of cache.types) {
    for (const root of await tables
      .table(type)
      .where('root')
      .anyOf([...left])
      .uniqueKeys())
      left.delete(String(root))
  }
  await tables.roots.bulkPut([...left].map((root) => ({ root, held: 0 })))
  return [...left]
}
