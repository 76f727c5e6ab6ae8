/** Compares what this phone holds with what it may hold, by hashes, and fetches the parts that differ.
 *
 * Once a day, after half a year without contact (tombstones are gone by then) and after a restore of the server, where
 * it takes the place of starting from nothing. */

import type { Cache, CursorRow } from './cache'
import type { Clock } from './clock'
import type { Environment } from './environment'
import { call } from './http'
import { rowsOf } from './pages'
import type { Failure } from './push'
import { StalePage, type Rebase } from './rebase'
import type { DigestAnswer } from './types'

const DAY = 24 * 3_600_000
/** After a failure, by the clock nobody can set; milliseconds. */
const RETRY = 15 * 60_000
/** Rows read at a time; between two reads the screen has its turn. */
const CHUNK = 1_000
/** A type with more rows is divided by two digits of the ids. */
const DEEP = 2_000

interface Held {
  depth: number
  shards: Record<string, string>
}

export interface DigestOutcome {
  failure: Failure | null
  /** The cache was that of another epoch: one more pull says up to where it is whole. */
  moved: boolean
}

const NOTHING: DigestOutcome = { failure: null, moved: false }

export class Digester {
  private failedAt: number | null = null

  constructor(
    private readonly env: Environment,
    private readonly cache: Cache,
    private readonly rebase: Rebase,
    private readonly clock: Clock,
  ) {}

  /** Whether the cache is to be compared now. By the server's clock: the phone's may be a year off. */
  async isDue(): Promise<boolean> {
    const cursor = await this.cache.readCursor()
    if (!cursor?.complete || cursor.unfinished) return false
    if (cursor.compare === 'moved') return true
    if (this.failedAt !== null && this.env.monotonic() - this.failedAt < RETRY) return false
    return cursor.compare !== undefined || Math.abs(this.time() - (cursor.compared ?? 0)) >= DAY
  }

  async run(signal?: AbortSignal): Promise<DigestOutcome> {
    const cursor = await this.cache.readCursor()
    if (!cursor) return NOTHING
    const moved = cursor.compare === 'moved'
    const failure = await this.compare(cursor, signal)
    if (failure === 'stopped') return NOTHING
    this.failedAt = failure ? this.env.monotonic() : null
    if (!failure) return { failure, moved }
    const quiet = !moved && failure.kind === 'problem' && ![401, 403].includes(failure.status)
    // What a pull has brought is there; a comparison that fails is no reason to alarm anybody.
    if (quiet) console.warn('the comparison failed', failure)
    return { failure: quiet ? null : failure, moved: false }
  }

  private async compare(cursor: CursorRow, signal?: AbortSignal): Promise<Failure | 'stopped' | null> {
    const types = await this.read()
    const repaired = new Set<string>()
    for (;;) {
      if (signal?.aborted) return 'stopped'
      const json = { cursor: cursor.cursor, types }
      const answer = await call<DigestAnswer>(this.env, { method: 'POST', path: '/sync/v1/digest', json, signal })
      // A pull that comes first says what to do.
      if (answer.kind === 'problem' && answer.code === 'pull_first') return 'stopped'
      if (answer.kind !== 'ok') return answer
      const { body } = answer
      if (typeof body !== 'object' || body === null || typeof body.epoch !== 'string') {
        return { kind: 'unreachable', message: 'the answer is no digest' }
      }
      if (body.epoch !== cursor.epoch) return 'stopped'
      this.env.fault?.('digest:answered')
      const shards = body.shards ?? []
      const fresh = shards.filter((shard) => !repaired.has(shard.join('/')))
      try {
        if (shards.length > 0) await this.rebase.applyDigest(body, cursor.cursor)
        // What differs for ever (a row this build writes otherwise) must not keep us here.
        if (!body.more || fresh.length === 0) return await this.finish(cursor.cursor)
      } catch (error) {
        if (error instanceof StalePage) return 'stopped' // another tab has pulled meanwhile
        throw error
      }
      for (const shard of fresh) repaired.add(shard.join('/'))
      await this.take(types, body)
      await this.breathe()
    }
  }

  private async finish(cursor: string): Promise<null> {
    await this.rebase.compared(cursor, this.time())
    this.env.fault?.('digest:stored')
    return null
  }

  private time(): number {
    const said = Date.parse(this.clock.anchor().server_time ?? '')
    return Number.isNaN(said) ? this.env.now() : said
  }

  /** The hashes of everything in the cache as the server has it: what unsent ops have changed counts as it was. */
  private async read(): Promise<Record<string, Held>> {
    const lines = new Map<string, Map<string, number>>()
    const shadows = new Map<string, number | null>()
    for (const { type, id, row } of await this.cache.guard(() => this.cache.shadow.toArray())) {
      shadows.set(`${type}/${id}`, row?.rev ?? null)
    }
    const note = (type: string, id: string, rev: number): void => {
      const found = lines.get(type) ?? new Map<string, number>()
      lines.set(type, found.set(id, rev))
    }
    for (const type of this.cache.types) {
      for (let after = ''; ;) {
        const table = this.cache.table(type)
        const rows = await this.cache.guard(() => table.where(':id').above(after).limit(CHUNK).toArray())
        for (const { id, rev } of rows) if (!shadows.has(`${type}/${id}`)) note(type, id, rev)
        if (rows.length < CHUNK) break
        after = rows[rows.length - 1]!.id
        await this.breathe()
      }
    }
    for (const { type, id, rev } of await this.cache.guard(() => this.cache.strangers.toArray())) note(type, id, rev)
    for (const [key, rev] of shadows) {
      const slash = key.indexOf('/')
      if (rev !== null) note(key.slice(0, slash), key.slice(slash + 1), rev)
    }
    const held: Record<string, Held> = {}
    for (const [type, revs] of lines) {
      const depth = revs.size > DEEP ? 2 : 1
      held[type] = { depth, shards: await this.hashes(depth, revs) }
      await this.breathe()
    }
    return held
  }

  private async hashes(depth: number, revs: ReadonlyMap<string, number>): Promise<Record<string, string>> {
    const texts = new Map<string, string[]>()
    for (const [id, rev] of [...revs].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const shard = id.slice(-depth)
      const lines = texts.get(shard)
      if (lines) lines.push(`${id}:${rev}\n`)
      else texts.set(shard, [`${id}:${rev}\n`])
    }
    const shards: Record<string, string> = {}
    for (const [shard, lines] of texts) shards[shard] = await this.hash(lines.join(''))
    return shards
  }

  private async hash(text: string): Promise<string> {
    const bytes = await this.env.crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
    return Array.from(new Uint8Array(bytes, 0, 8), (byte) => byte.toString(16).padStart(2, '0')).join('')
  }

  /** What has just been stored, so that it need not be read again. */
  private async take(types: Record<string, Held>, { shards = [], types: sent = {} }: DigestAnswer): Promise<void> {
    const now = new Map<string, Record<string, string>>()
    for (const [type, shard] of shards) {
      types[type] ??= { depth: shard.length, shards: {} }
      delete types[type].shards[shard]
    }
    for (const [type, part] of Object.entries(sent)) {
      const depth = types[type]?.depth ?? 1
      now.set(type, await this.hashes(depth, new Map(rowsOf(part, []).map((row) => [row.id, row.rev]))))
    }
    for (const [type, hashes] of now) Object.assign(types[type]!.shards, hashes)
  }

  private breathe(): Promise<void> {
    return new Promise((resolve) => this.env.after(0, resolve))
  }
}
