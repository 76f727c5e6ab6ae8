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

import type { Cache, Changes, CursorRow } from './cache'
import type { Environment } from './environment'
import { isReplayed, isSettled, type Outbox } from './outbox'
import { inOrder } from './order'
import type { Reducers } from './reducers'
import type { OutboxOp, PullPage, Row } from './types'
import { append, noteChange, View } from './view'

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

  constructor(
    private readonly env: Environment,
    private readonly parts: RebaseParts,
  ) {
    this.cache = parts.cache
    this.outbox = parts.outbox
  }

  /** Stores one page. `expect` is the cursor that was stored when the page was asked for. */
  async applyPage(page: PullPage, expect: string | null): Promise<void> {
    await this.outbox.enterEpoch(page.epoch)
    this.env.fault?.('page:before')
    await this.rebase(async (changes) => {
      const stored = await this.cache.cursor.get('pull')
      if ((stored?.cursor ?? null) !== expect) throw new StalePage()
      const anew = page.reset === true || (stored !== undefined && stored.epoch !== page.epoch)
      if (anew) await this.forget(changes)
      await this.putPage(page, changes)
      const finished = page.after === null
      const next: CursorRow = {
        key: 'pull',
        epoch: page.epoch,
        cursor: page.cursor,
        // Until the last page is here the state does not contain everything up to the page's position.
        position: finished ? page.position : anew || !stored ? -1 : stored.position,
        complete: finished || (!anew && stored?.complete === true),
        schema: this.parts.schema,
        at: this.env.now(),
      }
      await this.cache.cursor.put(next)
      return next
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
    await this.rebase(() => this.cache.cursor.get('pull'))
  }

  /** Shows one new op at once, on top of what is there. */
  async applyOp(op: OutboxOp): Promise<void> {
    const changes: Changes = new Map()
    await this.cache.transaction(async () => {
      changes.clear()
      // A page may have been stored since the op was written, and has replayed it already.
      if (await this.cache.marks.get(op.id)) return
      const view = new View(this.cache, this.parts.reducers, await this.lostRoots())
      await view.run(op)
      await view.flush(changes)
    })
    this.parts.publish(changes)
  }

  private async rebase(step: (changes: Changes) => Promise<CursorRow | undefined>): Promise<void> {
    let gone: ReadonlySet<string> = new Set()
    for (;;) {
      const ops = await this.outbox.all()
      const changes: Changes = new Map()
      try {
        const at = await this.cache.transaction(async () => {
          changes.clear()
          await this.checkFresh(ops, gone)
          const touched = await this.restore(changes)
          const cursor = await step(changes)
          await this.replay(
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

  private async checkFresh(ops: OutboxOp[], gone: ReadonlySet<string>): Promise<void> {
    const known = new Set(ops.map((op) => op.id))
    const shown = await this.cache.marks.toCollection().primaryKeys()
    const unknown = shown.filter((id) => !known.has(id) && !gone.has(id))
    if (unknown.length > 0) throw new StaleOps(unknown)
  }

  /** Puts the server's versions back; answers what had been touched. */
  private async restore(changes: Changes): Promise<string[]> {
    const shadows = await this.cache.shadow.toArray()
    if (shadows.length > 0) {
      const puts = new Map<string, Row[]>()
      const gone = new Map<string, string[]>()
      for (const { type, id, row } of shadows) {
        if (!this.cache.types.has(type)) continue
        if (row) append(puts, type, row)
        else append(gone, type, id)
        noteChange(changes, type, id)
      }
      for (const [type, rows] of puts) await this.cache.table(type).bulkPut(rows)
      for (const [type, ids] of gone) await this.cache.table(type).bulkDelete(ids)
      await this.cache.shadow.clear()
    }
    await this.cache.marks.clear()
    return shadows.map(({ type, id }) => `${type}/${id}`)
  }

  private async replay(ops: OutboxOp[], touched: string[], changes: Changes): Promise<void> {
    if (ops.length === 0) return
    const view = new View(this.cache, this.parts.reducers, await this.lostRoots())
    await view.prefetch(touched)
    for (const op of inOrder(ops)) await view.run(op)
    await view.flush(changes)
  }

  private async lostRoots(): Promise<Set<string>> {
    const all = await this.cache.roots.toArray()
    return new Set(all.filter((row) => row.held === 0).map((row) => row.root))
  }

  private async putPage(page: PullPage, changes: Changes): Promise<void> {
    if (page.drop.length > 0) {
      for (const type of [...this.cache.types, '_strangers']) {
        const table = type === '_strangers' ? this.cache.strangers : this.cache.table(type)
        const count = await table.where('root').anyOf(page.drop).delete()
        if (count > 0) noteChange(changes, type, null)
      }
      await this.cache.roots.bulkPut(page.drop.map((root) => ({ root, held: 0 })))
    }
    if (page.roots.length > 0) await this.cache.roots.bulkPut(page.roots.map((root) => ({ root, held: 1 })))
    for (const [type, { columns, rows, gone }] of Object.entries(page.types)) {
      const known = this.cache.types.has(type)
      if (gone?.length) await this.removeGone(type, gone, changes)
      const objects = rows.map((values) => rowFrom(columns, values))
      if (objects.length === 0) continue
      if (!known) {
        await this.cache.strangers.bulkPut(objects.map((row) => ({ ...row, type })))
        continue
      }
      await this.cache.table(type).bulkPut(objects)
      for (const row of objects) noteChange(changes, type, row.id)
    }
  }

  /** A tombstone counts only for the root it names: the row may live on under another one. */
  private async removeGone(type: string, gone: Array<[string, string]>, changes: Changes): Promise<void> {
    const known = this.cache.types.has(type)
    const rows = known
      ? await this.cache.table(type).bulkGet(gone.map(([id]) => id))
      : await this.cache.strangers.bulkGet(gone.map(([id]): [string, string] => [type, id]))
    const ids = rows.flatMap((row, index) => (row && row.root === gone[index]![1] ? [row.id] : []))
    if (ids.length === 0) return
    if (known) await this.cache.table(type).bulkDelete(ids)
    else await this.cache.strangers.bulkDelete(ids.map((id): [string, string] => [type, id]))
    for (const id of ids) noteChange(changes, type, id)
  }

  /** Empties the cache inside the running transaction; the outbox is another database and stays. */
  private async forget(changes: Changes): Promise<void> {
    for (const type of this.cache.types) {
      await this.cache.table(type).clear()
      noteChange(changes, type, null)
    }
    await this.cache.strangers.clear()
    await this.cache.roots.clear()
    await this.cache.cursor.clear()
  }
}

function rowFrom(columns: string[], values: unknown[]): Row {
  const row: Record<string, unknown> = {}
  for (let i = 0; i < columns.length; i++) row[columns[i]!] = values[i]
  return row as Row
}
