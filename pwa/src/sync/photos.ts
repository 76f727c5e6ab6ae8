/** The photos' own way to the server, beside the ops and never in front of them.
 *
 * A photo's bytes stay on the phone until the server has confirmed them under their hash. Afterwards the thumbnail
 * stays for a week, so that the rep sees his own pictures offline. */

import type { Environment } from './environment'
import { Backoff } from './backoff'
import { call } from './http'
import { isDue, type Outbox } from './outbox'
import type { Failure } from './push'
import type { BlobEntry, NewPhoto } from './types'

const PARALLEL = 2
const THUMBNAIL_FOR = 7 * 24 * 3_600_000
/** 25 MB over a bad line: two minutes, in milliseconds. */
const UPLOAD_TIMEOUT = 120_000

export interface PhotoCounters {
  blobs: number
  blobsRefused: number
  blobBytes: number
}

export class Photos {
  private readonly backoffs = new Map<string, Backoff>()

  constructor(
    private readonly env: Environment,
    private readonly outbox: Outbox,
  ) {}

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

  async counters(): Promise<PhotoCounters> {
    const open = await this.outbox.guard(() => this.outbox.blobs.where('state').notEqual('done').toArray())
    const waiting = open.filter((blob) => blob.state !== 'refused')
    return {
      blobs: waiting.length,
      blobsRefused: open.length - waiting.length,
      blobBytes: waiting.reduce((sum, blob) => sum + blob.size, 0),
    }
  }

  /** Uploads what is due, two at a time. Answers the failure that stops everybody (login, no network), and in how many
   * milliseconds the next photo is due, null when none waits. */
  async upload(employee: string, signal?: AbortSignal): Promise<{ failure: Failure | null; nextIn: number | null }> {
    const waiting = await this.outbox.guard(() =>
      this.outbox.blobs
        .where('state')
        .anyOf('waiting', 'sending')
        .filter((blob) => blob.employee === '' || blob.employee === employee)
        .toArray(),
    )
    const queue = waiting
      .filter((blob) => isDue(blob.next_at, this.env.now()))
      .sort((a, b) => a.added_at - b.added_at)
    let failure: Failure | null = null
    const worker = async (): Promise<void> => {
      for (let blob = queue.shift(); blob && !failure && !signal?.aborted; blob = queue.shift()) {
        failure = (await this.send(blob, signal)) ?? failure
      }
    }
    await Promise.all(Array.from({ length: PARALLEL }, worker))
    const later = await this.outbox.guard(() =>
      this.outbox.blobs
        .where('state')
        .anyOf('waiting', 'sending')
        .filter((blob) => blob.employee === '' || blob.employee === employee)
        .toArray(),
    )
    const now = this.env.now()
    const nextIn =
      later.length === 0 ? null : Math.min(...later.map((b) => (isDue(b.next_at, now) ? 0 : b.next_at - now)))
    return { failure, nextIn }
  }

  private async send(blob: BlobEntry, signal?: AbortSignal): Promise<Failure | null> {
    const path = `/media/v1/blobs/${blob.sha256}`
    // After a try that ended unclearly it may be there already: asking costs less than 3 MB again.
    if (blob.attempts > 0) {
      const there = await call(this.env, { method: 'HEAD', path, signal })
      if (there.kind === 'ok') return this.confirmed(blob, null)
      if (there.kind === 'unreachable') return this.postpone(blob, there, 0)
    }
    const content = await this.outbox.guard(() => this.outbox.bytes.get(blob.photo_id))
    if (!content?.bytes) {
      await this.update(blob, { state: 'refused', verdict: { code: 'bytes_missing' } })
      return null
    }
    await this.update(blob, { state: 'sending', attempts: blob.attempts + 1 })
    this.env.fault?.('blob:before')
    const answer = await call<unknown>(this.env, {
      method: 'PUT',
      path,
      bytes: content.bytes,
      mime: blob.mime,
      timeout: UPLOAD_TIMEOUT,
      signal,
    })
    this.env.fault?.('blob:answered')
    if (answer.kind === 'ok' && (answer.status === 204 || answer.status === 200)) {
      return this.confirmed(blob, answer.body ?? null)
    }
    if (answer.kind === 'problem' && isVerdict(answer.status) && answer.code !== '') {
      await this.update(blob, { state: 'refused', verdict: { code: answer.code, message: answer.message } })
      return null
    }
    if (answer.kind === 'ok') return this.postpone(blob, { kind: 'unreachable', message: 'not confirmed' }, 0)
    return this.postpone(blob, answer, answer.kind === 'problem' ? answer.retryAfter : 0)
  }

  private async confirmed(blob: BlobEntry, verdict: unknown): Promise<null> {
    this.backoffs.delete(blob.photo_id)
    await this.outbox.transaction(async () => {
      if ((await this.outbox.blobs.get(blob.photo_id))?.lost) {
        await this.outbox.blobs.delete(blob.photo_id)
        await this.outbox.bytes.delete(blob.photo_id)
        return
      }
      await this.outbox.blobs.update(blob.photo_id, { state: 'done', verdict, next_at: this.env.now() })
      await this.outbox.bytes.update(blob.photo_id, { bytes: null })
    })
    this.env.fault?.('blob:stored')
    return null
  }

  /** Waits and tries again. Only what concerns every photo is handed on: the session, the device, the network. */
  private async postpone(blob: BlobEntry, failure: Failure, retryAfter: number): Promise<Failure | null> {
    const backoff = this.backoffs.get(blob.photo_id) ?? new Backoff(() => this.env.random(), 2_000)
    this.backoffs.set(blob.photo_id, backoff)
    const general = failure.kind === 'unreachable' || failure.status === 401 || failure.status === 403
    const wait = general ? 0 : backoff.fail(retryAfter)
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
        .filter((blob) => blob.next_at < now - THUMBNAIL_FOR)
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

/** The server has looked at the bytes and does not want them: trying again changes nothing. */
function isVerdict(status: number): boolean {
  return status === 400 || status === 413 || status === 415 || status === 422
}
