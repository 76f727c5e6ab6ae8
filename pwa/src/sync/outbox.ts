/** The database `…-outbox`: the user's unsent work. Its shape is frozen, it is never migrated and never dropped; every
 * build must be able to read what any older build wrote.
 *
 * Tables: `ops`, `delivered` (ops the server has, kept a while in case the server is restored from a backup), `blobs`
 * and `bytes` (photos), `drafts` (half-filled forms), `keys` (the device's key pair), `meta`. */

import Dexie, { type Table } from 'dexie'
import type { Environment } from './environment'
import { SyncError, storageCode } from './errors'
import { inOrder } from './order'
import { ATTENTION, type BlobBytes, type BlobEntry, type OpResult, type OutboxOp } from './types'

export interface Draft {
  key: string
  value: unknown
  at: number
}

export interface DeliveredOp extends OutboxOp {
  delivered_at: number
}

/** How long delivered ops are kept for a restored server, and at most how many. */
const DELIVERED_FOR = 14 * 24 * 3_600_000
const DELIVERED_MOST = 2_000

/** How soon a held op is asked about again, by its code; in milliseconds. */
const ASK_AGAIN: Record<string, number> = { needs_missing: 60_000, unknown_command: 3_600_000 }
const ASK_AGAIN_OTHER = 15 * 60_000

/** Held because the server has not run it yet: its effect stays on screen. */
const NOT_RUN = new Set(['unknown_command', 'unknown_version', 'needs_missing', 'server_error', 'quarantined'])

/** The server was put back to a backup: when this phone noticed (its clock), and how many ops of each employee were sent
 * again. */
export interface Restored {
  at: number
  sent: Record<string, number>
}

/** Longer than anything here waits on purpose, in milliseconds. */
const LONGEST_WAIT = 2 * 3_600_000

/** Whether a moment has come. One far ahead was noted by a clock that has been put right since. */
export function isDue(at: number, now: number): boolean {
  return at <= now || at > now + LONGEST_WAIT
}

/** Where the cache stands, as far as ops care. */
export interface Position {
  epoch: string
  position: number
}

/** Whether the op's effect still has to be replayed over the cached rows. */
export function isReplayed(op: OutboxOp, at: Position | undefined): boolean {
  if (op.state === 'kept') return false
  if (!op.result) return true
  if (op.result.status === 'rejected') return false
  if (op.result.status === 'held' && NOT_RUN.has(op.result.code ?? '')) return true
  return !(at && op.epoch === at.epoch && (op.result.position ?? -1) <= at.position)
}

/** Whether an answered op can leave the outbox, or be put aside for the user. */
export function isSettled(op: OutboxOp, at: Position | undefined): boolean {
  return op.state === 'done' && !isReplayed(op, at)
}

export class Outbox {
  private db: Dexie
  /** By us, for good; a connection closed by anybody else is opened again. */
  private closed = false

  constructor(private readonly env: Environment) {
    this.db = this.connect()
  }

  private connect(): Dexie {
    if (!this.env.indexedDB) throw new SyncError('storage_unavailable')
    const db = new Dexie(`${this.env.databasePrefix}-outbox`, {
      indexedDB: this.env.indexedDB,
      IDBKeyRange: this.env.IDBKeyRange,
      cache: 'disabled',
      chromeTransactionDurability: 'strict', // what the user has saved survives a dead battery
    })
    db.version(1).stores({
      ops: 'id, seq, [state+seq], [state+employee], attention, about.id',
      delivered: 'id, delivered_at',
      blobs: 'photo_id, state, sha256',
      bytes: 'photo_id',
      drafts: 'key',
      keys: 'key',
      meta: 'key',
    })
    return db
  }

  async open(): Promise<void> {
    await this.db.open()
  }

  close(): void {
    this.closed = true
    this.db.close()
  }

  get ops(): Table<OutboxOp, string> {
    return this.db.table('ops') as Table<OutboxOp, string>
  }
  get delivered(): Table<DeliveredOp, string> {
    return this.db.table('delivered') as Table<DeliveredOp, string>
  }
  get blobs(): Table<BlobEntry, string> {
    return this.db.table('blobs') as Table<BlobEntry, string>
  }
  get bytes(): Table<BlobBytes, string> {
    return this.db.table('bytes') as Table<BlobBytes, string>
  }
  get drafts(): Table<Draft, string> {
    return this.db.table('drafts') as Table<Draft, string>
  }
  get keys(): Table<{ key: string; value: unknown }, string> {
    return this.db.table('keys') as Table<{ key: string; value: unknown }, string>
  }
  private get meta(): Table<{ key: string; value: unknown }, string> {
    return this.db.table('meta') as Table<{ key: string; value: unknown }, string>
  }

  /** One write transaction over the whole outbox; see Cache.guard for the closed connection. */
  transaction<T>(work: () => Promise<T>): Promise<T> {
    return this.guard(() => this.db.transaction('rw', this.db.tables, work))
  }

  async guard<T>(work: () => PromiseLike<T>): Promise<T> {
    const { db } = this
    try {
      return await work()
    } catch (error) {
      if (this.closed || storageCode(error) !== 'storage_closed') throw error
      // Others fail at the same moment: whoever comes first opens it anew, for all.
      if (this.db === db) {
        db.close()
        this.db = this.connect()
      }
      await this.db.open()
      return await work()
    }
  }

  async readMeta<T>(key: string): Promise<T | undefined> {
    return (await this.guard(() => this.meta.get(key)))?.value as T | undefined
  }

  async writeMeta(key: string, value: unknown): Promise<void> {
    await this.guard(() => this.meta.put({ key, value }))
  }

  /** The next op number of this device. Only inside a transaction. */
  async nextSeq(): Promise<number> {
    const seq = (((await this.meta.get('next_seq'))?.value as number | undefined) ?? 1) | 0
    await this.meta.put({ key: 'next_seq', value: seq + 1 })
    return seq
  }

  all(): Promise<OutboxOp[]> {
    return this.guard(() => this.ops.toArray())
  }

  /** What `employee` has to send, in the order to send it, and then the held ops whose answer may have changed. */
  async toSend(employee: string): Promise<{ waiting: OutboxOp[]; held: OutboxOp[] }> {
    const now = this.env.now()
    return this.guard(async () => {
      const waiting = await this.ops
        .where('[state+employee]')
        .anyOf([
          ['waiting', employee],
          ['waiting', ''],
        ])
        .toArray()
      const held = await this.ops
        .where('[state+employee]')
        .anyOf([
          ['done', employee],
          ['kept', employee],
        ])
        .filter((op) => op.result?.status === 'held' && isDue(op.ask_at ?? 0, now))
        .toArray()
      return { waiting: inOrder(waiting), held: inOrder(held) }
    })
  }

  /** What the status says of ops. */
  async counters(employee: string) {
    return this.guard(async () => {
      const count = (state: string, who: string) => this.ops.where('[state+employee]').equals([state, who]).count()
      const [own, nobodys, sending, attention, oldest, all] = await Promise.all([
        count('waiting', employee),
        employee === '' ? 0 : count('waiting', ''),
        count('sending', employee),
        this.ops
          .where('attention')
          .equals(1)
          .filter((op) => op.employee === employee)
          .count(),
        this.ops.where('[state+seq]').between(['waiting', Dexie.minKey], ['waiting', Dexie.maxKey]).first(),
        this.ops.where('[state+seq]').between(['waiting', Dexie.minKey], ['waiting', Dexie.maxKey]).count(),
      ])
      return {
        waiting: own + nobodys,
        sending,
        needsYou: attention,
        waitingOthers: all - own - nobodys,
        oldestWaitingAt: oldest?.at ?? null,
      }
    })
  }

  /** A push that was under way when the page died: nobody knows whether it arrived, so it is sent again. */
  async unsend(ids?: string[]): Promise<void> {
    await this.guard(() =>
      (ids
        ? this.ops.where('id').anyOf(ids)
        : this.ops.where('[state+seq]').between(['sending', Dexie.minKey], ['sending', Dexie.maxKey])
      )
        .filter((op) => op.state === 'sending')
        .modify({ state: 'waiting' }),
    )
  }

  async markSending(ids: string[]): Promise<void> {
    await this.guard(() =>
      this.ops
        .where('id')
        .anyOf(ids)
        .filter((op) => op.state === 'waiting')
        .modify({ state: 'sending' }),
    )
  }

  /** Stores the answers of a push. Answers to ops that are not here any more, or not asked, are of no interest.
   * `epoch`: the one known before the push; absent where nobody was asked. */
  async storeResults(results: OpResult[], at: { epoch?: string | null; position: number }): Promise<void> {
    const now = this.env.now()
    await this.transaction(async () => {
      const there = await this.ops.bulkGet(results.map((result) => result.id))
      if (at.epoch !== undefined && at.epoch !== ((await this.meta.get('epoch'))?.value ?? null)) {
        // Another tab has pulled from a restored server meanwhile: these answers may be of its history or of the one
        // before. Asked again, the server says the same or does what it lacks.
        await this.ops.bulkPut(there.flatMap((op) => (op ? [unsent(op)] : [])))
        return
      }
      const lacking = there.filter((op, index) => op && isMissing(results[index]!))
      const gone = lacking.length > 0 ? await this.neverComing(lacking.flatMap((op) => op!.needs)) : new Set<string>()
      const changed: OutboxOp[] = []
      const unwanted: string[] = []
      results.forEach((answer, index) => {
        const op = there[index]
        if (!op) return
        const result = judged(op, answer, gone)
        const unchanged = op.result && op.result.status === result.status && op.result.code === result.code
        changed.push({
          ...op,
          // A repeated answer to a held op changes nothing; a new one has to be confirmed by a pull again.
          state: unchanged ? (op.state === 'kept' ? 'kept' : 'done') : 'done',
          result: { ...result, position: result.position ?? at.position },
          epoch: at.epoch ?? null,
          attention: ATTENTION.has(result.status) ? 1 : 0,
          ask_at: result.status === 'held' ? now + (ASK_AGAIN[result.code ?? ''] ?? ASK_AGAIN_OTHER) : undefined,
        })
        if (result.status === 'applied' || result.status === 'merged') unwanted.push(...(op.unwanted ?? []))
      })
      await this.ops.bulkPut(changed)
      await this.giveUp(unwanted)
    })
  }

  /** Photos that their taker set aside: what is not sent yet never has to be. Only inside a transaction. */
  private async giveUp(photos: string[]): Promise<void> {
    if (photos.length === 0) return
    const open = (await this.blobs.bulkGet(photos)).filter((blob) => blob && blob.state !== 'done')
    const ids = open.map((blob) => blob!.photo_id)
    await this.blobs.bulkDelete(ids)
    await this.bytes.bulkDelete(ids)
  }

  /** Which of these records something is still to be told of that the server has not answered. */
  async unanswered(ids: readonly string[]): Promise<ReadonlySet<string>> {
    if (ids.length === 0) return new Set()
    const open = await this.guard(() =>
      this.ops
        .where('about.id')
        .anyOf(ids)
        .filter(({ state }) => state === 'waiting' || state === 'sending')
        .toArray(),
    )
    return new Set(open.map(({ about }) => about!.id))
  }

  /** Which of these this phone will never send (again): rejected, by a server that has been restored since, say, or given
   * up. Only inside a transaction. */
  private async neverComing(needs: string[]): Promise<Set<string>> {
    const there = await this.ops.bulkGet(needs)
    const delivered = await this.delivered.bulkGet(needs)
    const isGone = (index: number): boolean => {
      const need = there[index]
      return need ? need.result?.status === 'rejected' : delivered[index] === undefined
    }
    return new Set(needs.filter((_, index) => isGone(index)))
  }

  /** Takes ops that the cache now contains out of the outbox; those the user must see stay, aside. */
  async settle(ids: Iterable<string>): Promise<void> {
    const list = [...ids]
    if (list.length === 0) return
    await this.transaction(async () => {
      const now = await this.serverTime()
      const there = (await this.ops.bulkGet(list)).filter((op): op is OutboxOp => op?.state === 'done')
      const seen = there.filter((op) => op.attention === 1)
      const over = there.filter((op) => op.attention === 0)
      await this.ops.bulkPut(seen.map((op) => ({ ...op, state: 'kept' })))
      await this.delivered.bulkPut(over.map((op) => ({ ...op, delivered_at: now })))
      await this.ops.bulkDelete(over.map((op) => op.id))
      await this.delivered
        .where('delivered_at')
        .below(now - DELIVERED_FOR)
        .delete()
      const surplus = (await this.delivered.count()) - DELIVERED_MOST
      if (surplus > 0) await this.delivered.orderBy('delivered_at').limit(surplus).delete()
    })
  }

  /** By the server's last word: a clock that is a year off, or put right again, must not make delivered ops look old. */
  private async serverTime(): Promise<number> {
    const token = (await this.meta.get('time_token'))?.value as { server_time?: string } | undefined
    const said = Date.parse(token?.server_time ?? '')
    return Number.isNaN(said) ? this.env.now() : said
  }

  /** The server was restored or moved (new epoch): what it answered under another epoch and has not any more is sent
   * again. `past` names the epochs it has come through, each with the last position of it that it still has. Ops are
   * idempotent, so what it has after all is not run twice. Rejected ops stay as they are: nothing was done that could
   * be lost. */
  async enterEpoch(epoch: string, past: Readonly<Record<string, number>> = {}): Promise<void> {
    if ((await this.readMeta('epoch')) === epoch) return
    await this.transaction(async () => {
      const before = (await this.meta.get('epoch'))?.value
      if (before === epoch) return
      await this.meta.put({ key: 'epoch', value: epoch })
      const stale = (op: OutboxOp): boolean =>
        op.result !== null && op.epoch !== epoch && op.result.status !== 'rejected'
      const has = (op: OutboxOp): boolean => (op.result?.position ?? Infinity) <= (past[op.epoch ?? ''] ?? -1)
      const there = (await this.ops.toArray()).filter(stale)
      const delivered = (await this.delivered.toArray()).filter(stale)
      const again = [...there, ...delivered.map(({ delivered_at: _at, ...op }) => op)].filter((op) => !has(op))
      // Positions go on through all epochs: what was contained stays contained.
      await this.ops.bulkPut(there.filter(has).map((op) => ({ ...op, epoch })))
      await this.delivered.bulkPut(delivered.filter(has).map((op) => ({ ...op, epoch })))
      await this.delivered.bulkDelete(delivered.filter((op) => !has(op)).map((op) => op.id))
      await this.ops.bulkPut(again.map(unsent))
      // Files that were sent from here are asked about again; where they are still there, nothing is sent.
      await this.blobs
        .where('state')
        .equals('done')
        .filter(({ file, employee }) => file !== undefined && employee !== '')
        .modify({ state: 'waiting', next_at: 0 })
      if (before !== undefined) await this.noteRestore(again)
    })
  }

  private async noteRestore(again: OutboxOp[]): Promise<void> {
    const earlier = (await this.meta.get('restored'))?.value as Restored | undefined
    const sent = { ...earlier?.sent }
    for (const { employee } of again) sent[employee] = (sent[employee] ?? 0) + 1
    await this.meta.put({ key: 'restored', value: { at: this.env.now(), sent } satisfies Restored })
  }

  /** That the server was restored, until the user has read it. */
  async restored(): Promise<Restored | undefined> {
    return this.readMeta<Restored>('restored')
  }

  async dismissRestored(): Promise<void> {
    await this.guard(() => this.meta.delete('restored'))
  }
}

function isMissing({ status, code }: OpResult): boolean {
  return status === 'held' && code === 'needs_missing'
}

/** The server waits for what the op needs. Where that is never to come, nothing would ever become of the op: it is as
 * rejected as what it needs, and its author may send both again. */
function judged(op: OutboxOp, result: OpResult, gone: ReadonlySet<string>): OpResult {
  const need = isMissing(result) ? op.needs.find((id) => gone.has(id)) : undefined
  if (need === undefined) return result
  return { ...result, status: 'rejected', code: 'needs_rejected', detail: { op: need } }
}

/** As it was before it was ever sent. */
function unsent(op: OutboxOp): OutboxOp {
  return { ...op, state: 'waiting', result: null, epoch: null, attention: 0, ask_at: undefined }
}
