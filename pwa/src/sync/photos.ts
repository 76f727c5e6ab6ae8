/** The own way of photos and files to the server, beside the ops and never in front of them.
 *
 * A photo's bytes stay on the phone until the server has confirmed them under their hash. Afterwards the thumbnail
 * stays for a week, so that the rep sees his own pictures offline; a file stays whole, as one that was opened does. */

import { Backoff } from './backoff'
import type { Environment } from './environment'
import { isDue, type Outbox } from './outbox'
import { Pace } from './pace'
import type { Failure } from './push'
import type { BlobEntry, FileOf, NewPhoto } from './types'
import { Uploader, type Uploaded } from './upload'

const THUMBNAIL_FOR = 7 * 24 * 3_600_000
/** Attachments that were added or opened here: how long after the last time, and how many bytes of them. */
const FILES_FOR = 30 * 24 * 3_600_000
const FILE_BYTES = 200 * 1024 * 1024

/** By which network photos go up: any; Wi-Fi or cable only; or none before the user says so, which is what is left where
 * the browser does not tell one network from another. */
export type PhotoNetwork = 'any' | 'wifi' | 'manual'
/** Why photos wait although there is a network: it is a mobile one, nobody knows which it is, or the user is waited for. */
export type PhotosHeld = 'mobile' | 'unknown' | 'manual'

const FREE: ReadonlySet<string> = new Set(['wifi', 'ethernet'])

export interface PhotoCounters {
  /** Photos and files on their way; how many of them are files. */
  blobs: number
  blobFiles: number
  blobsRefused: number
  blobBytes: number
}

export class Photos {
  private readonly backoffs = new Map<string, Backoff>()
  private readonly uploader: Uploader

  constructor(
    private readonly env: Environment,
    private readonly outbox: Outbox,
    private readonly fileBytes = FILE_BYTES,
  ) {
    const megabits = env.connection()?.downlink
    this.uploader = new Uploader(env, new Pace(megabits ? megabits * 125 : null))
  }

  async network(): Promise<PhotoNetwork> {
    return (await this.outbox.readMeta<PhotoNetwork>('photo_network')) ?? 'any'
  }

  async setNetwork(chosen: PhotoNetwork): Promise<void> {
    await this.outbox.writeMeta('photo_network', chosen)
  }

  /** Why photos may not go up now; null when they may. */
  async held(): Promise<PhotosHeld | null> {
    const chosen = await this.network()
    if (chosen === 'any') return null
    if (chosen === 'manual') return 'manual'
    const kind = this.env.connection()?.kind ?? 'unknown'
    if (FREE.has(kind)) return null
    return kind === 'cellular' ? 'mobile' : 'unknown'
  }

  /** The rows of a new photo; the caller puts them in the same transaction as the op that attaches it. */
  rowsOf(
    photo: NewPhoto,
    employee: string,
  ): [BlobEntry, { photo_id: string; bytes: ArrayBuffer; thumbnail: ArrayBuffer | null }] {
    const { photo_id, bytes } = photo
    return [
      {
        photo_id,
        sha256: photo.sha256,
        size: bytes.byteLength,
        mime: photo.mime ?? 'image/jpeg',
        state: 'waiting',
        attempts: 0,
        employee,
        added_at: this.env.now(),
        next_at: 0,
        capture: photo.capture ?? null,
        signature: photo.signature ?? null,
        verdict: null,
        ...(photo.file ? { file: { ...photo.file } } : {}),
      },
      { photo_id, bytes, thumbnail: photo.thumbnail ?? null },
    ]
  }

  /** The picture as far as it is on this phone: the thumbnail if there is one, else the original. */
  async picture(photoId: string, size: 'small' | 'original' = 'small'): Promise<ArrayBuffer | null> {
    const row = await this.outbox.guard(() => this.outbox.bytes.get(photoId))
    if (!row) return null
    return size === 'small' ? (row.thumbnail ?? row.bytes) : row.bytes
  }

  /** The bytes of an attachment as far as they are on this phone; they stay for a while from now. */
  async file(id: string): Promise<ArrayBuffer | null> {
    const row = await this.outbox.guard(() => this.outbox.bytes.get(id))
    if (!row?.bytes) return null
    await this.outbox.guard(() =>
      this.outbox.blobs
        .where('photo_id')
        .equals(id)
        .filter(({ state }) => state === 'done')
        .modify({ next_at: this.env.now() }),
    )
    return row.bytes
  }

  /** Keeps the bytes of an attachment that was opened, for looking at without network. Older ones make room. */
  async keepFile(id: string, file: FileOf, sha256: string, bytes: ArrayBuffer): Promise<void> {
    const now = this.env.now()
    const size = bytes.byteLength
    await this.outbox.transaction(async () => {
      if (await this.outbox.bytes.get(id)) return
      const kept = (await this.outbox.blobs.where('state').equals('done').toArray())
        .filter((blob) => blob.file)
        .sort((a, b) => b.next_at - a.next_at)
      let room = this.fileBytes - size
      const over = kept.filter((blob) => (room -= blob.size) < 0).map(({ photo_id }) => photo_id)
      await this.outbox.blobs.bulkDelete(over)
      await this.outbox.bytes.bulkDelete(over)
      const [blob, content] = this.rowsOf({ photo_id: id, sha256, bytes, file, mime: 'application/octet-stream' }, '')
      await this.outbox.blobs.put({ ...blob, state: 'done', sent: size, next_at: now })
      await this.outbox.bytes.put(content)
    })
  }

  async counters(): Promise<PhotoCounters> {
    const open = await this.outbox.guard(() => this.outbox.blobs.where('state').notEqual('done').toArray())
    const waiting = open.filter((blob) => blob.state !== 'refused')
    return {
      blobs: waiting.length,
      blobFiles: waiting.filter(({ file }) => file).length,
      blobsRefused: open.length - waiting.length,
      blobBytes: waiting.reduce((sum, blob) => sum + blob.size, 0),
    }
  }

  /** Uploads what is due, a few at a time, as the network allows. `gate` is asked before each piece whether to go on.
   * Answers the failure that stops everybody (login, no network), in how many milliseconds the next photo is due (null
   * when none is), and how many are still to be sent.
   *
   * What was said of a photo goes first, its record above all: the company keeps no bytes that nothing names, and a photo
   * that is about to be set aside need not be sent. */
  async upload(
    employee: string,
    gate: () => Promise<boolean>,
    told: () => Promise<void>,
    signal?: AbortSignal,
  ): Promise<{ failure: Failure | null; nextIn: number | null; left: number }> {
    const queue = (await this.released(await this.waiting(employee)))
      .filter((blob) => isDue(blob.next_at, this.env.now()))
      .sort((a, b) => a.added_at - b.added_at)
    let failure: Failure | null = null
    let paused = false
    let running = 0
    const jobs: Promise<void>[] = []
    const worker = async (): Promise<void> => {
      running += 1
      try {
        while (running <= this.uploader.pace.parallel && !failure && !paused && !signal?.aborted) {
          const blob = queue.shift()
          if (!blob) return
          const ended = await this.send(blob, gate, told, signal)
          if (ended === 'paused') paused = true
          else failure = ended ?? failure
          more()
        }
      } catch (error) {
        paused = true
        throw error
      } finally {
        running -= 1
        more()
      }
    }
    const more = (): void => {
      while (queue.length > 0 && running < this.uploader.pace.parallel && !failure && !paused && !signal?.aborted)
        jobs.push(worker())
    }
    more()
    for (let settled = 0; settled < jobs.length;) {
      settled = jobs.length
      await Promise.allSettled(jobs)
    }
    await Promise.all(jobs)
    const now = this.env.now()
    const left = await this.waiting(employee)
    const later = await this.released(left)
    const nextIn =
      later.length === 0 ? null : Math.min(...later.map((b) => (isDue(b.next_at, now) ? 0 : b.next_at - now)))
    return { failure, nextIn, left: left.length }
  }

  private waiting(employee: string): Promise<BlobEntry[]> {
    return this.outbox.guard(() =>
      this.outbox.blobs
        .where('state')
        .anyOf('waiting', 'sending')
        .filter((blob) => blob.employee === '' || blob.employee === employee)
        .toArray(),
    )
  }

  /** Those of which the server has heard all there is to say; the others are woken by its answer. */
  private async released(blobs: BlobEntry[]): Promise<BlobEntry[]> {
    const unanswered = await this.outbox.unanswered(blobs.map(({ photo_id }) => photo_id))
    return blobs.filter(({ photo_id }) => !unanswered.has(photo_id))
  }

  private async send(
    blob: BlobEntry,
    gate: () => Promise<boolean>,
    told: () => Promise<void>,
    signal?: AbortSignal,
  ): Promise<Failure | 'paused' | null> {
    // The line may have been long: set aside meanwhile, or about to be.
    if ((await this.outbox.unanswered([blob.photo_id])).size > 0) return null
    const content = await this.outbox.guard(() => this.outbox.bytes.get(blob.photo_id))
    if (!content?.bytes) {
      await this.update(blob, { state: 'refused', verdict: { code: 'bytes_missing' } })
      return null
    }
    if (!(await gate())) return 'paused'
    await this.update(blob, { state: 'sending', attempts: blob.attempts + 1 })
    this.env.fault?.('blob:before')
    const ended: Uploaded = await this.uploader.send({
      sha256: blob.sha256,
      bytes: content.bytes,
      begun: blob.attempts > 0,
      gate,
      progress: async (sent) => {
        await this.update(blob, { sent })
        await told()
      },
      signal,
    })
    switch (ended.kind) {
      case 'stored':
        await this.confirmed(blob)
        await told()
        return null
      case 'paused':
        await this.update(blob, { state: 'waiting', next_at: 0 })
        return 'paused'
      case 'refused':
        await this.update(blob, { state: 'refused', verdict: { code: ended.code, message: ended.message } })
        return null
      case 'failed':
        return this.postpone(blob, ended.failure)
    }
  }

  private async confirmed(blob: BlobEntry): Promise<void> {
    this.backoffs.delete(blob.photo_id)
    await this.outbox.transaction(async () => {
      if ((await this.outbox.blobs.get(blob.photo_id))?.lost) {
        await this.outbox.blobs.delete(blob.photo_id)
        await this.outbox.bytes.delete(blob.photo_id)
        return
      }
      await this.outbox.blobs.update(blob.photo_id, { state: 'done', sent: blob.size, next_at: this.env.now() })
      if (!blob.file) await this.outbox.bytes.update(blob.photo_id, { bytes: null })
    })
    this.env.fault?.('blob:stored')
  }

  /** Waits and tries again. Only what concerns every photo is handed on: the session, the device, the network. */
  private async postpone(blob: BlobEntry, failure: Failure): Promise<Failure | null> {
    const backoff = this.backoffs.get(blob.photo_id) ?? new Backoff(() => this.env.random(), 2_000)
    this.backoffs.set(blob.photo_id, backoff)
    const general = failure.kind === 'unreachable' || failure.status === 401 || failure.status === 403
    const wait = general ? 0 : backoff.fail(failure.retryAfter)
    await this.update(blob, { state: 'waiting', next_at: this.env.now() + wait, attempts: blob.attempts + 1 })
    return general ? failure : null
  }

  private async update(blob: BlobEntry, part: Partial<BlobEntry>): Promise<void> {
    await this.outbox.guard(() => this.outbox.blobs.update(blob.photo_id, part))
  }

  /** At start: what was under way waits again, a clock that ran ahead does not hold photos back for a year, and old
   * thumbnails go. */
  async tidy(): Promise<void> {
    const now = this.env.now()
    await this.outbox.transaction(async () => {
      await this.outbox.blobs.where('state').anyOf('sending', 'waiting').modify({ state: 'waiting', next_at: 0 })
      const old = await this.outbox.blobs
        .where('state')
        .equals('done')
        .filter((blob) => blob.next_at < now - (blob.file ? FILES_FOR : THUMBNAIL_FOR))
        .primaryKeys()
      await this.outbox.blobs.bulkDelete(old)
      await this.outbox.bytes.bulkDelete(old)
    })
  }

  /** Makes room when the disk is full: pictures the server has confirmed. Answers whether anything went. */
  async dropConfirmed(): Promise<boolean> {
    return this.outbox.transaction(async () => {
      const done = await this.outbox.blobs.where('state').equals('done').primaryKeys()
      await this.outbox.blobs.bulkDelete(done)
      await this.outbox.bytes.bulkDelete(done)
      return done.length > 0
    })
  }

  /** The user gives up a photo the server refused. */
  async discard(photoId: string): Promise<void> {
    await this.outbox.transaction(async () => {
      const blob = await this.outbox.blobs.get(photoId)
      if (blob?.state !== 'refused') return
      await this.outbox.blobs.delete(photoId)
      await this.outbox.bytes.delete(photoId)
    })
  }
}
