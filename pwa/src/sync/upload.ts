/** The way of one photo to the server: tus 1.0 (docs/sync-protocol.md, Blobs), in pieces that follow the network.
 *
 * An upload is named by its hash, so that beginning it again is how one asks how far it is: there is no other state
 * than what the server says. */

import type { Environment } from './environment'
import { call, type Answer } from './http'
import { base64 } from './keys'
import type { Pace } from './pace'
import type { Failure } from './push'

export type Uploaded =
  /** The server has all of it, and its hash is right. */
  | { kind: 'stored' }
  /** May not go on now (Wi-Fi only, a tab that ends); what arrived stays there. */
  | { kind: 'paused' }
  /** The server has looked at it and does not want it: trying again changes nothing. */
  | { kind: 'refused'; code: string; message: string }
  | { kind: 'failed'; failure: Failure }

export interface Going {
  sha256: string
  bytes: ArrayBuffer
  /** Some of it may be at the server: ask before sending anything. */
  begun: boolean
  /** Awaited before each piece; false: not now. */
  gate: () => Promise<boolean>
  progress: (sent: number) => Promise<void>
  signal?: AbortSignal
}

const PATH = '/media/v1/uploads'
/** Milliseconds for one piece; the last one is answered when the photo has been looked at. */
const TIMEOUT = 120_000
/** How often in a row a piece is sent again at once, where only the piece was at fault or another request was first. */
const AGAIN = 4
const PAUSE = 250

export class Uploader {
  private underWay = 0

  constructor(
    private readonly env: Environment,
    readonly pace: Pace,
  ) {}

  async send(going: Going): Promise<Uploaded> {
    const size = going.bytes.byteLength
    /** Bytes at the server; null where that is to be asked. */
    let offset: number | null = null
    let ask = going.begun
    for (let troubles = 0; ;) {
      if (going.signal?.aborted || !(await going.gate())) return { kind: 'paused' }
      const answer = await this.step(going, offset, ask)
      this.env.fault?.('blob:answered')
      if (answer.kind === 'ok') {
        const arrived = offsetOf(answer.headers)
        if (arrived === null || arrived > size) {
          return { kind: 'failed', failure: { kind: 'unreachable', message: 'not confirmed' } }
        }
        if (arrived === size) return { kind: 'stored' }
        if (arrived > (offset ?? -1)) troubles = 0
        offset = arrived
        ask = false
        await going.progress(arrived)
        continue
      }
      const again = answer.kind === 'problem' && answer.code !== '' && isPassing(answer)
      if (again && troubles < AGAIN) {
        troubles += 1
        offset = null
        ask = true
        await new Promise<void>((resolve) => this.env.after(PAUSE * 2 ** troubles * this.env.random(), resolve))
        continue
      }
      return this.ended(going, answer)
    }
  }

  /** One request: begins (with the first piece, or to ask how far it is), or goes on with the next piece. */
  private async step(going: Going, offset: number | null, ask: boolean): Promise<Answer<unknown>> {
    const { bytes } = going
    const from = offset ?? 0
    const piece = ask ? null : bytes.slice(from, this.end(from, bytes.byteLength))
    const headers: Record<string, string> = { 'Tus-Resumable': '1.0.0' }
    if (offset === null) {
      headers['Upload-Length'] = String(bytes.byteLength)
      headers['Upload-Metadata'] = `sha256 ${btoa(going.sha256)}`
    } else headers['Upload-Offset'] = String(offset)
    if (piece) headers['Upload-Checksum'] = `sha256 ${base64(await this.digest(piece))}`
    const began = this.env.monotonic()
    this.underWay += 1
    try {
      const answer = await call<unknown>(this.env, {
        method: offset === null ? 'POST' : 'PATCH',
        path: offset === null ? PATH : `${PATH}/${going.sha256}`,
        bytes: piece ?? undefined,
        mime: 'application/offset+octet-stream',
        headers,
        timeout: TIMEOUT,
        signal: going.signal,
      })
      // The last piece is answered when the photo was looked at, which says nothing of the line.
      const last = from + (piece?.byteLength ?? 0) === bytes.byteLength
      if (answer.kind === 'ok' && piece && !last) {
        this.pace.arrived(piece.byteLength, this.env.monotonic() - began, this.underWay)
      }
      if (answer.kind === 'unreachable' && !going.signal?.aborted) this.pace.failed()
      return answer
    } finally {
      this.underWay -= 1
    }
  }

  /** Where the piece ends; a rest that is hardly worth a request of its own goes along. */
  private end(from: number, size: number): number {
    const { piece } = this.pace
    return size - from <= piece * 1.5 ? size : from + piece
  }

  private async ended(going: Going, failure: Failure): Promise<Uploaded> {
    if (failure.kind === 'problem' && failure.code !== '' && VERDICTS.has(failure.status) && !isPassing(failure)) {
      const { code, message } = failure
      // Damaged on the way, or at the server: only where it is damaged here is there nothing more to try.
      const damaged = code !== 'hash_mismatch' || (await this.hash(going.bytes)) !== going.sha256
      if (damaged) return { kind: 'refused', code, message }
    }
    return { kind: 'failed', failure }
  }

  private async hash(bytes: ArrayBuffer): Promise<string> {
    return [...(await this.digest(bytes))].map((byte) => byte.toString(16).padStart(2, '0')).join('')
  }

  private async digest(bytes: ArrayBuffer): Promise<Uint8Array> {
    return new Uint8Array(await this.env.crypto.subtle.digest('SHA-256', bytes))
  }
}

/** The upload is gone, stands elsewhere, is written by another request, or the piece was damaged: ask where it is. */
const ANEW: ReadonlySet<number> = new Set([404, 408, 409, 410, 423, 460])
const isPassing = ({ status, code }: { status: number; code: string }): boolean =>
  ANEW.has(status) || code === 'body_cut'

/** The server has looked at it. */
const VERDICTS: ReadonlySet<number> = new Set([400, 413, 415, 422])

function offsetOf(headers: Headers): number | null {
  const text = headers.get('Upload-Offset')
  return text !== null && /^\d{1,15}$/.test(text) ? Number(text) : null
}
