/** Keeps what screens show equal to "the server's rows with the unacknowledged ops replayed on top".
 *
 * Every change of the cache is one transaction: put the server's versions back (shadows) → put the page's rows, drop
 * lost roots → replay the ops that are not contained → store the cursor. Readers never see a step in between, so a
 * user's own edit does not flicker back. Ops live in the other database and cannot be part of the transaction; three
 * rules make that safe:
 * - An op is in the outbox before its effect is in the cache. A crash between the two is repaired by `repair`.
 * - A contained op leaves the outbox after the cache transaction. A crash between the two: it is not replayed because
 *   the cursor says it is contained, and `settle` removes it at the next start.
 * - `_marks` names the ops in the view. A transaction that was given a list without one of them was given an old list
 *   (a tab has submitted meanwhile) and starts again with a fresh one. */

import type { Cache, CursorRow, Tables, TransactionTables } from './cache'
import { Changes } from './changes'
import { dropColumns, fillColumns } from './columns'
import type { Environment } from './environment'
import { isReplayed, isSettled, type Outbox } from './outbox'
import { forgetLost } from './lost'
import { inOrder } from './order'
import { countOf, idsOf, rowsOf } from './pages'
import type { Reducers } from './reducers'
import { putShards } from './shards'
import type { DigestAnswer, OutboxOp, PullPage, Row } from './types'
import { append, ReducerEscaped, View } from './view'

/** The page belongs to a pull that is not ours any more: another tab has stored a later one. */
export class StalePage extends Error {
  override name = 'StalePage'
}

class StaleOps extends Error {
  override name = 'StaleOps'
  constructor(readonly unknown: string[]) {
    super('the list of ops is older than the view')
  }
}

/** Rows put in one go: between two of them the screen gets its turn. */
const AT_ONCE = 250

export interface RebaseParts {
  cache: Cache
  outbox: Outbox
  reducers: Reducers
  schema: number
  /** Whose work is shown: what another employee of this phone has not sent stays out of sight. */
  employee: () => string
  publish: (changes: Changes) => void
}

export class Rebase {
  private readonly cache: Cache
  private readonly outbox: Outbox
  /** Commands whose reducer broke a transaction: not run again by this page, so that they cannot hold up the rest. */
  private readonly escaped = new Set<string>()

  constructor(
    private readonly env: Environment,
    private readonly parts: RebaseParts,
  ) {
    this.cache = parts.cache
    this.outbox = parts.outbox
  }

  /** Stores one page. `expect` is the cursor that was stored when the page was asked for. */
  async applyPage(page: PullPage, expect: string | null): Promise<void> {
    await this.outbox.enterEpoch(page.epoch, page.past)
    this.env.fault?.('page:before')
    await this.withoutEscapes(() =>
      this.rebase(async (tables, changes) => {
        const stored = await tables.cursor.get('pull')
        if ((stored?.cursor ?? null) !== expect) throw new StalePage()
        const moved = page.digest === true
        const anew = page.reset === true || (!moved && stored !== undefined && stored.epoch !== page.epoch)
        if (anew) await this.forget(tables, changes)
        // A pull that was under way is over: what has not come again, and what is still held, is for the comparison to
        // judge. Of what was taken away it says itself where it has come back.
        if (moved) {
          await tables.stale.clear()
          await tables.roots.filter(({ held }) => held === 1).delete()
        }
        const begins = anew || moved || !stored?.unfinished
        if (begins && page.roots) await this.expectWhole(tables, page.roots)
        await this.putPage(tables, page, changes)
        const finished = page.after === undefined
        if (finished) await this.dropStale(tables, changes)
        const inOnePage = finished && begins
        const before = anew ? undefined : stored
        const compare = moved || before?.compare === 'moved' ? 'moved' : page.floor ? 'due' : before?.compare
        const next: CursorRow = {
          key: 'pull',
          epoch: page.epoch,
          cursor: page.cursor,
          position: compare === 'moved' ? -1 : inOnePage ? page.position : (before?.position ?? -1),
          unfinished: !finished,
          complete: finished || before?.complete === true,
          schema: this.parts.schema,
          at: this.env.now(),
          compare,
          compared: before?.compared ?? (Date.parse(page.server_time) || this.env.now()),
        }
        await tables.cursor.put(next)
        return next
      }),
    )
    if (page.reset) await this.env.pictures?.drop(null) // which customers were lost meanwhile, nobody can say
    if (page.drop) await this.forgetLost(page.drop)
  }

  /** Stores one answer of a comparison: the shards it names are as the server has them. `expect` as above. */
  async applyDigest(answer: DigestAnswer, expect: string): Promise<void> {
    let lost: string[] = []
    await this.withoutEscapes(() =>
      this.rebase(async (tables, changes) => {
        const stored = await tables.cursor.get('pull')
        if (stored?.cursor !== expect) throw new StalePage()
        lost = await putShards(tables, this.cache, answer, changes)
        return stored
      }),
    )
    if (lost.length > 0) await this.forgetLost(lost)
  }

  /** Writes columns that are new into rows that are here. */
  async fillColumns(type: string, rows: Row[], columns: string[], whole: boolean): Promise<void> {
    await this.withoutEscapes(() =>
      this.rebase(async (tables, changes) => {
        const lost = await this.lostRoots(tables)
        await fillColumns(tables, this.cache, { type, rows, columns, whole }, lost, changes)
        return tables.cursor.get('pull')
      }),
    )
  }

  /** Removes columns that are no more; null: the whole type. */
  async dropColumns(type: string, columns: string[] | null): Promise<void> {
    await this.withoutEscapes(() =>
      this.rebase(async (tables, changes) => {
        await dropColumns(tables, this.cache, type, columns, changes)
        return tables.cursor.get('pull')
      }),
    )
  }

  /** Removes what is beside the rows about roots that were lost. */
  async forgetLost(roots?: readonly string[]): Promise<void> {
    const lost = roots ?? (await this.lost())
    await forgetLost({ ...this.parts, pictures: this.env.pictures }, lost)
  }

  /** The comparison is finished; `at` by the server's clock. */
  async compared(expect: string, at: number): Promise<void> {
    await this.cache.transaction(async (tables) => {
      const stored = await tables.cursor.get('pull')
      if (stored?.cursor !== expect) throw new StalePage()
      await tables.cursor.put({ ...stored, compare: undefined, compared: at })
    })
  }

  /** Brings the view up to date after answers arrived, or after a crash. Does nothing when nothing is to be done. */
  async repair(force = false): Promise<void> {
    const [ops, cursor, marks] = await Promise.all([
      this.outbox.all(),
      this.cache.readCursor(),
      this.cache.guard(() => this.cache.marks.toArray()),
    ])
    const shown = new Set(marks.map((mark) => mark.op))
    const live = ops.filter((op) => this.isShown(op, cursor))
    const right = live.length === shown.size && live.every((op) => shown.has(op.id))
    const settled = ops.some((op) => isSettled(op, cursor))
    if (right && !settled && !force) return
    await this.withoutEscapes(() => this.rebase((tables) => tables.cursor.get('pull')))
  }

  /** Shows one new op at once, on top of what is there. */
  async applyOp(op: OutboxOp): Promise<void> {
    const changes = new Changes()
    await this.withoutEscapes(() =>
      this.cache.transaction(async (tables) => {
        changes.forget()
        // A page may have been stored since the op was written, and has replayed it already.
        if (await tables.marks.get(op.id)) return
        const view = new View(tables, this.cache, this.parts.reducers, await this.lostRoots(tables), this.escaped)
        await view.run(op)
        await view.flush(changes)
      }),
    )
    this.parts.publish(changes)
  }

  private async withoutEscapes<T>(work: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await work()
      } catch (error) {
        if (!(error instanceof ReducerEscaped) || this.escaped.has(error.command)) throw error
        console.error(error)
        this.escaped.add(error.command)
      }
    }
  }

  private async rebase(
    step: (tables: TransactionTables, changes: Changes) => Promise<CursorRow | undefined>,
  ): Promise<void> {
    let gone: ReadonlySet<string> = new Set()
    for (;;) {
      const ops = await this.outbox.all()
      const changes = new Changes()
      try {
        const at = await this.cache.transaction(async (tables) => {
          changes.forget()
          await this.checkFresh(tables, ops, gone)
          const touched = await this.restore(tables, changes)
          const cursor = await step(tables, changes)
          await this.replay(
            tables,
            ops.filter((op) => this.isShown(op, cursor)),
            touched,
            changes,
          )
          return cursor
        })
        this.env.fault?.('page:stored')
        this.parts.publish(changes)
        await this.outbox.settle(ops.filter((op) => isSettled(op, at)).map((op) => op.id))
        this.env.fault?.('page:settled')
        return
      } catch (error) {
        if (!(error instanceof StaleOps)) throw error
        // Read again; what is not in the outbox even now has been removed from it and may leave the view.
        const fresh = new Set((await this.outbox.all()).map((op) => op.id))
        gone = new Set(error.unknown.filter((id) => !fresh.has(id)))
      }
    }
  }

  private isShown(op: OutboxOp, at: CursorRow | undefined): boolean {
    return (op.employee === '' || op.employee === this.parts.employee()) && isReplayed(op, at)
  }

  private async checkFresh(tables: TransactionTables, ops: OutboxOp[], gone: ReadonlySet<string>): Promise<void> {
    const known = new Set(ops.map((op) => op.id))
    const shown = await tables.marks.toCollection().primaryKeys()
    const unknown = shown.filter((id) => !known.has(id) && !gone.has(id))
    if (unknown.length > 0) throw new StaleOps(unknown)
  }

  /** Puts the server's versions back; answers what had been touched. */
  private async restore(tables: TransactionTables, changes: Changes): Promise<string[]> {
    const shadows = await tables.shadow.toArray()
    if (shadows.length > 0) {
      const puts = new Map<string, Row[]>()
      const gone = new Map<string, string[]>()
      for (const { type, id, row } of shadows) {
        if (!this.cache.types.has(type)) continue
        if (row) append(puts, type, row)
        else append(gone, type, id)
        changes.note(type, id)
      }
      for (const [type, rows] of puts) await tables.table(type).bulkPut(rows)
      for (const [type, ids] of gone) await tables.table(type).bulkDelete(ids)
      await tables.shadow.clear()
    }
    await tables.marks.clear()
    return shadows.map(({ type, id }) => `${type}/${id}`)
  }

  private async replay(
    tables: TransactionTables,
    ops: OutboxOp[],
    touched: string[],
    changes: Changes,
  ): Promise<void> {
    if (ops.length === 0) return
    const view = new View(tables, this.cache, this.parts.reducers, await this.lostRoots(tables), this.escaped)
    await view.prefetch(touched)
    for (const op of inOrder(ops)) await view.run(op)
    await view.flush(changes)
  }

  /** The roots this device held once and may not hold any more. */
  async lost(): Promise<string[]> {
    return [...(await this.cache.guard(() => this.lostRoots(this.cache)))]
  }

  private async lostRoots(tables: Tables): Promise<Set<string>> {
    const all = await tables.roots.toArray()
    return new Set(all.filter((row) => row.held === 0).map((row) => row.root))
  }

  private async putPage(tables: TransactionTables, page: PullPage, changes: Changes): Promise<void> {
    const { drop, roots, types = {} } = page
    if (drop) {
      for (const type of [...this.cache.types, '_strangers']) {
        const table = type === '_strangers' ? tables.strangers : tables.table(type)
        const count = await table.where('root').anyOf(drop).delete()
        if (count > 0) changes.note(type, null)
      }
      await tables.roots.bulkPut(drop.map((root) => ({ root, held: 0 })))
    }
    if (roots) await tables.roots.bulkPut(roots.map((root) => ({ root, held: 1 })))
    for (const [type, part] of Object.entries(types)) {
      const known = this.cache.types.has(type)
      if (part.gone) await this.removeGone(tables, type, part.gone, changes)
      if (countOf(part) === 0) continue
      const rows = rowsOf(part, this.cache.fieldsOf(type))
      if (!known) {
        await tables.strangers.bulkPut(rows.map((row) => ({ ...row, type })))
        continue
      }
      for (let start = 0; start < rows.length; start += AT_ONCE) {
        await tables.putAll(type, rows.slice(start, start + AT_ONCE))
      }
      changes.noteRows(type, rows)
    }
    if ((await tables.stale.count()) === 0) return
    await tables.stale.bulkDelete(
      Object.entries(types).flatMap(([type, part]) => idsOf(part).map((id): [string, string] => [type, id])),
    )
  }

  /** Roots that are sent whole may be here already, from before: lost and regained between two pulls, or sent again
   * because the person's rights changed. What was deleted meanwhile, or is not for him any more, has no tombstone; it is
   * what does not come again by the end of this pull. Until then it stays, so that nothing blinks. */
  private async expectWhole(tables: TransactionTables, roots: string[]): Promise<void> {
    for (const type of this.cache.types) {
      const ids = await tables.table(type).where('root').anyOf(roots).primaryKeys()
      await tables.stale.bulkPut(ids.map((id) => ({ type, id })))
    }
    const strangers = await tables.strangers.where('root').anyOf(roots).primaryKeys()
    await tables.stale.bulkPut(strangers.map(([type, id]) => ({ type, id })))
  }

  private async dropStale(tables: TransactionTables, changes: Changes): Promise<void> {
    const stale = await tables.stale.toArray()
    if (stale.length === 0) return
    for (const { type, id } of stale) {
      if (this.cache.types.has(type)) await tables.table(type).delete(id)
      else await tables.strangers.delete([type, id])
      changes.note(type, id)
    }
    await tables.stale.clear()
  }

  /** A tombstone counts only for the root it names: the row may live on under another one. */
  private async removeGone(
    tables: TransactionTables,
    type: string,
    gone: Array<[string, string]>,
    changes: Changes,
  ): Promise<void> {
    const known = this.cache.types.has(type)
    const rows = known
      ? await tables.table(type).bulkGet(gone.map(([id]) => id))
      : await tables.strangers.bulkGet(gone.map(([id]): [string, string] => [type, id]))
    const ids = rows.flatMap((row, index) => (row && row.root === gone[index]![1] ? [row.id] : []))
    if (ids.length === 0) return
    if (known) await tables.table(type).bulkDelete(ids)
    else await tables.strangers.bulkDelete(ids.map((id): [string, string] => [type, id]))
    for (const id of ids) changes.note(type, id)
  }

  /** Empties the cache inside the running transaction; the outbox is another database and stays. */
  private async forget(tables: TransactionTables, changes: Changes): Promise<void> {
    for (const type of this.cache.types) {
      await tables.table(type).clear()
      changes.note(type, null)
    }
    await tables.strangers.clear()
    await tables.roots.clear()
    await tables.stale.clear()
    // The columns of rows are the server's, whatever becomes of the rows: they stay known.
    await tables.cursor.delete('pull')
  }
}
