/** What the user does with ops: makes them, corrects or gives up rejected ones, dismisses what he has read. */

import type { Environment } from './environment'
import { SyncError, storageCode } from './errors'
import type { Photos } from './photos'
import { byteLength, toWire } from './push'
import type { Stores } from './stores'
import type { About, NewPhoto, OutboxOp } from './types'

/** 64 KB an op (docs/sync-protocol.md). */
const MOST_OP_BYTES = 64 * 1024

export interface SubmitOptions {
  version?: number
  /** Ops that must have succeeded before this one runs. Ops that made the rows this one refers to belong here. */
  needs?: string[]
  about?: About
  /** Stored in the same transaction as the op that attaches it. */
  photos?: NewPhoto[]
  /** Photos, by id, that need not be sent any more once this is applied. Until then nothing of them is given up. */
  unwanted?: string[]
  /** A draft that this op completes: removed in the same transaction, so that it neither gets lost nor comes back. */
  draft?: string
}

export class Actions {
  constructor(
    private readonly env: Environment,
    private readonly stores: Stores,
    private readonly newId: () => string,
    private readonly employee: () => string,
    private readonly storageTrouble: (error: unknown) => void,
  ) {}

  /** Writes the op durably, then shows its effect. Resolves when both are done; rejects only when it is *not* stored. */
  async submit(command: string, args: Record<string, unknown>, options: SubmitOptions = {}): Promise<OutboxOp> {
    const op = await this.draw(command, args, options)
    const photos = (options.photos ?? []).map((photo) => this.stores.photos.rowsOf(photo, op.employee))
    await this.storing(async () => {
      op.seq = await this.stores.outbox.nextSeq()
      await this.stores.outbox.ops.add(op)
      await this.stores.outbox.blobs.bulkPut(photos.map(([blob]) => blob))
      await this.stores.outbox.bytes.bulkPut(photos.map(([, bytes]) => bytes))
      if (options.draft !== undefined) await this.stores.outbox.drafts.delete(options.draft)
    })
    this.env.fault?.('submit:stored')
    await this.show(op)
    return op
  }

  /** Sends a rejected op again, corrected or as it was, under a new id. Ops that stand on it follow it, those that were
   * rejected only because it was (`needs_rejected`) are sent again too, and so is what it needs and was rejected itself.
   * What was given up meanwhile is not needed any more. Answers the id of the new op. */
  async retry(id: string, args?: Record<string, unknown>): Promise<string> {
    const { outbox, rebase } = this.stores
    const newIds = new Map<string, string>()
    await this.storing(async () => {
      const all = await outbox.ops.toArray()
      const first = all.find((op) => op.id === id)
      if (!first || first.result?.status !== 'rejected')
        throw new SyncError('row_missing', `op ${id} is not rejected`)
      const queue = [first]
      for (let op = queue.shift(); op; op = queue.shift()) {
        if (newIds.has(op.id)) continue
        newIds.set(op.id, this.newId())
        for (const other of all.filter(({ result }) => result?.status === 'rejected')) {
          const failedWithIt = other.result?.code === 'needs_rejected' && other.needs.includes(op.id)
          if (failedWithIt || op.needs.includes(other.id)) queue.push(other)
        }
      }
      const known = new Set(all.map((op) => op.id))
      for (const need of await outbox.delivered.toCollection().primaryKeys()) known.add(need)
      const follow = (need: string): string => newIds.get(need) ?? need
      for (const op of all) {
        const newId = newIds.get(op.id)
        const needs = op.needs.filter((need) => newId === undefined || known.has(need)).map(follow)
        if (newId !== undefined) {
          await outbox.ops.delete(op.id)
          await outbox.ops.add({
            ...op,
            ...FRESH,
            id: newId,
            seq: await outbox.nextSeq(),
            needs,
            args: op.id === id ? (args ?? op.args) : op.args,
            at: new Date(this.env.now()).toISOString(),
          })
        } else if (op.state === 'waiting' && needs.some((need, index) => need !== op.needs[index])) {
          await outbox.ops.put({ ...op, needs })
        }
      }
    })
    await this.quietly(() => rebase.repair())
    return newIds.get(id)!
  }

  /** Gives up an op for good. Only answered ops: what the server may still run cannot be taken back here. */
  async discard(id: string): Promise<void> {
    const { outbox, rebase } = this.stores
    await this.storing(async () => {
      const op = await outbox.ops.get(id)
      if (op?.result?.status === 'rejected') await outbox.ops.delete(id)
    })
    await this.quietly(() => rebase.repair())
  }

  /** The user has read what became of it. A rejected op is not dismissed but corrected or discarded. */
  async dismiss(id: string): Promise<void> {
    await this.storing(async () => {
      const op = await this.stores.outbox.ops.get(id)
      if (!op?.result || op.result.status === 'rejected') return
      // Not contained yet: it leaves with the page that contains it.
      await this.stores.outbox.ops.put({ ...op, attention: 0, state: 'done' })
    })
    await this.quietly(() => this.stores.rebase.repair())
  }

  private async draw(command: string, args: Record<string, unknown>, options: SubmitOptions): Promise<OutboxOp> {
    const cursor = await this.stores.cache.readCursor().catch(() => undefined)
    const op: OutboxOp = {
      id: this.newId(),
      seq: 0,
      command,
      version: options.version ?? 1,
      at: new Date(this.env.now()).toISOString(),
      base: cursor && cursor.position >= 0 ? cursor.position : null,
      // Plain data from here on: a reactive proxy of a form cannot be stored, and must not change afterwards.
      args: JSON.parse(JSON.stringify(args), wholeCharacters) as Record<string, unknown>,
      needs: [...(options.needs ?? [])],
      employee: this.employee(),
      about: null,
      ...FRESH,
      ...(options.unwanted ? { unwanted: [...options.unwanted] } : {}),
    }
    if (byteLength(JSON.stringify(toWire(op))) > MOST_OP_BYTES) throw new SyncError('op_too_large')
    op.about = await this.aboutOf(op, options.about)
    return op
  }

  private async aboutOf(op: OutboxOp, given: About | undefined): Promise<About | null> {
    const type = given?.type ?? op.command.slice(0, op.command.lastIndexOf('.'))
    const id = given?.id ?? op.args['id']
    const { cache } = this.stores
    if (typeof id !== 'string' || (!given && !cache.types.has(type))) return null
    const row = cache.types.has(type)
      ? await cache.guard(() => cache.table(type).get(id)).catch(() => undefined)
      : undefined
    return { type, id, label: given?.label, root: given?.root ?? row?.root }
  }

  private async show(op: OutboxOp): Promise<void> {
    await this.quietly(() => this.stores.rebase.applyOp(op))
  }

  /** The cache may fail without harm: the op is safe in the outbox and the next repair shows it. Telling the caller
   * would make him think that the op is not stored, and store it twice. */
  private async quietly(work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      if (storageCode(error) === null) console.error(error)
      else this.storageTrouble(error)
    }
  }

  /** Writes to the outbox; when the disk is full, confirmed pictures make room and it is tried once more. */
  private async storing(work: () => Promise<void>): Promise<void> {
    const write = () => this.stores.outbox.transaction(work)
    try {
      await write()
    } catch (error) {
      const code = storageCode(error)
      if (code === 'storage_full' && (await this.makeRoom(this.stores.photos))) {
        await write()
        return
      }
      if (code === null) throw error
      this.storageTrouble(error)
      throw new SyncError(code, code, { cause: error })
    }
  }

  private async makeRoom(photos: Photos): Promise<boolean> {
    try {
      return await photos.dropConfirmed()
    } catch {
      return false
    }
  }
}

/** Half an emoji, as a field that cuts text may leave it, is no text: the server could not even read the op. */
function wholeCharacters(_key: string, value: unknown): unknown {
  return typeof value === 'string' ? value.replace(/\p{Surrogate}/gu, '\ufffd') : value
}

const FRESH = { state: 'waiting', result: null, epoch: null, attention: 0, ask_at: undefined } as const
