/** Replays ops over the cached rows, in memory, and writes the outcome in one go.
 *
 * A view lives inside one cache transaction. Reads fall through to the tables; what an op writes is staged and joins
 * the view only when its reducer has finished, so an op that throws half way leaves nothing behind. `flush` saves the
 * server's version of every row it is about to change (once) and writes the changed rows. */

import type { Cache, OpMark, Shadow, TransactionTables } from './cache'
import type { Changes } from './changes'
import { SyncError } from './errors'
import type { NewRow, Reducers, ReducerTx } from './reducers'
import type { OutboxOp, Row } from './types'

/** null: there is no such row. */
type Held = Row | null

/** A reducer has awaited something that is not its `tx`, and the transaction has ended without it. */
export class ReducerEscaped extends Error {
  override name = 'ReducerEscaped'
  constructor(readonly command: string) {
    super(`the reducer of ${command} awaits something other than its tx`)
  }
}

const keyOf = (type: string, id: string): string => `${type}/${id}`

export class View {
  /** What the tables said when a row was first read here. */
  private readonly before = new Map<string, Held>()
  /** What it is now, for rows that ops have changed. */
  private readonly now = new Map<string, Held>()
  private readonly marks: OpMark[] = []

  constructor(
    private readonly tables: TransactionTables,
    private readonly cache: Pick<Cache, 'types' | 'rootOf'>,
    private readonly reducers: Reducers,
    private readonly lostRoots: ReadonlySet<string>,
    private readonly escaped: ReadonlySet<string>,
  ) {}

  async run(op: OutboxOp): Promise<void> {
    const staged = new Map<string, Held>()
    const mark: OpMark = { op: op.id, touched: [], problem: null, message: null }
    try {
      if (this.escaped.has(op.command)) throw new Error('the reducer awaits something other than its tx')
      const reduce = this.reducers.find(op.command, (type) => this.cache.types.has(type))
      await reduce(this.transactionFor(op, staged), op.args, op)
      if (!this.tables.active) throw new ReducerEscaped(op.command)
      for (const [key, row] of staged) {
        if (row) row._op = [...(this.now.get(key)?._op ?? this.before.get(key)?._op ?? []), op.id]
        this.now.set(key, row)
        mark.touched.push(key)
        if (row && this.lostRoots.has(row.root)) mark.problem = 'root_lost'
      }
    } catch (error) {
      if (isNamed(error, /^(TransactionInactive|PrematureCommit)/)) throw new ReducerEscaped(op.command)
      if (isFatal(error)) throw error
      const code = error instanceof SyncError ? error.code : 'reducer_failed'
      const lost = code === 'row_missing' && op.about?.root && this.lostRoots.has(op.about.root)
      mark.problem = lost ? 'root_lost' : code
      mark.message = error instanceof Error ? error.message : String(error)
      if (op.about) mark.touched.push(keyOf(op.about.type, op.about.id))
    }
    this.marks.push(mark)
  }

  private transactionFor(op: OutboxOp, staged: Map<string, Held>): ReducerTx {
    const read = async (type: string, id: string): Promise<Held> => {
      const key = keyOf(type, id)
      const here = staged.get(key) ?? (staged.has(key) ? null : this.now.get(key))
      return here !== undefined ? here : await this.load(type, id)
    }
    const put = async (type: string, row: NewRow): Promise<void> => {
      // Read first, so that `before` holds what the shadow has to remember.
      const there = await read(type, row.id)
      const root = row.root ?? this.cache.rootOf(type, row)
      staged.set(keyOf(type, row.id), { ...row, rev: row.rev ?? there?.rev ?? 0, root } as Row)
    }
    return {
      op,
      get: async (type, id) => {
        const row = await read(type, id)
        return row ? { ...row } : undefined
      },
      put,
      patch: async (type, id, fields) => {
        const row = await read(type, id)
        if (!row) throw new SyncError('row_missing', `${type} ${id}`)
        const after = { ...row, ...fields, id }
        // A row whose root is told by one of its fields moves with that field; any other stays where the server put it.
        const follows = this.cache.rootOf(type, row) === row.root
        await put(type, { ...after, root: follows ? this.cache.rootOf(type, after) : row.root })
      },
      remove: async (type, id) => {
        await read(type, id)
        staged.set(keyOf(type, id), null)
      },
      where: async (type, index, value) => {
        const found = new Map<string, Row>()
        for (const row of await this.tables.rowsBy(type, index, value)) {
          const key = keyOf(type, row.id)
          if (!this.before.has(key)) this.before.set(key, row)
          found.set(row.id, row)
        }
        for (const layer of [this.now, staged]) {
          for (const [key, row] of layer) {
            if (!key.startsWith(`${type}/`)) continue
            const id = key.slice(type.length + 1)
            if (row && matches(row[index], value)) found.set(id, row)
            else found.delete(id)
          }
        }
        return [...found.values()].map((row) => ({ ...row }))
      },
      contains: (row) => op.result?.position != null && row.rev >= op.result.position,
    }
  }

  private async load(type: string, id: string): Promise<Held> {
    const key = keyOf(type, id)
    const known = this.before.get(key)
    if (known !== undefined) return known
    const row = (await this.tables.table(type).get(id)) ?? null
    this.before.set(key, row)
    return row
  }

  /** Reads many rows at once before a long replay, so that each op finds them in memory. */
  async prefetch(keys: Iterable<string>): Promise<void> {
    const byType = new Map<string, string[]>()
    for (const key of keys) {
      const slash = key.indexOf('/')
      const type = key.slice(0, slash)
      if (!this.cache.types.has(type)) continue
      append(byType, type, key.slice(slash + 1))
    }
    for (const [type, ids] of byType) {
      const rows = await this.tables.table(type).bulkGet(ids)
      ids.forEach((id, index) => this.before.set(keyOf(type, id), rows[index] ?? null))
    }
  }

  /** Writes shadows, rows and marks, and notes in `changes` what differs. */
  async flush(changes: Changes): Promise<void> {
    await this.tables.marks.bulkPut(this.marks)
    if (this.now.size === 0) return
    const keys = [...this.now.keys()].map((key): [string, string] => {
      const slash = key.indexOf('/')
      return [key.slice(0, slash), key.slice(slash + 1)]
    })
    const known = await this.tables.shadow.bulkGet(keys)
    const shadows: Shadow[] = []
    const puts = new Map<string, Row[]>()
    const gone = new Map<string, string[]>()
    keys.forEach(([type, id], index) => {
      const key = keyOf(type, id)
      if (!known[index]) shadows.push({ type, id, row: this.before.get(key) ?? null })
      const row = this.now.get(key)
      if (row) append(puts, type, row)
      else append(gone, type, id)
      changes.note(type, id)
    })
    await this.tables.shadow.bulkPut(shadows)
    for (const [type, rows] of puts) await this.tables.table(type).bulkPut(rows)
    for (const [type, ids] of gone) await this.tables.table(type).bulkDelete(ids)
  }
}

function matches(value: unknown, wanted: string): boolean {
  return Array.isArray(value) ? value.includes(wanted) : value === wanted
}

/** Errors of the transaction itself, which no op is to blame for: the whole page is tried again. */
function isFatal(error: unknown): boolean {
  return isNamed(error, /^(ReducerEscaped|Abort|DatabaseClosed|QuotaExceeded|InvalidState|Unknown)/)
}

export function append<T>(lists: Map<string, T[]>, key: string, value: T): void {
  const list = lists.get(key)
  if (list) list.push(value)
  else lists.set(key, [value])
}

function isNamed(error: unknown, pattern: RegExp): boolean {
  return error instanceof Error && pattern.test(error.name)
}
