/**
 * The capture record: what binds a photo to a moment, a place, a visit and a device.
 *
 * EXIF can be edited by anybody; this record cannot, because the device signs it. Its form is part of the contract in
 * `docs/sync-protocol.md`, "Time tokens and capture records".
 */

export type PhotoSource = 'camera' | 'gallery'

/** One position measurement, WGS-84 degrees; `accuracy` in metres (68 % radius); `at` UTC, as the receiver stamped it. */
export interface PositionSample {
  lat: number
  lng: number
  accuracy: number
  at: string
}

/** The last server time token, and `performance.now()` of this page when it arrived (null after a browser restart). */
export interface TimeAnchor {
  token: string | null
  receivedPerf: number | null
}

/** Signs with the device's key: ECDSA P-256 over SHA-256, answers raw `r||s` (64 bytes). */
export type Sign = (bytes: Uint8Array<ArrayBuffer>) => Promise<Uint8Array>

export interface CaptureRecord {
  v: 1
  capture_id: string
  sha256: string
  visit_id: string
  customer_id: string
  device_id: string
  kind: string
  source: PhotoSource
  taken_at: string
  offset_minutes: number
  time_token: string | null
  since_token_ms: number | null
  samples: PositionSample[]
}

export interface CaptureFacts {
  captureId: string
  sha256: string
  visitId: string
  customerId: string
  deviceId: string
  kind: string
  source: PhotoSource
  moment: Moment
  anchor: TimeAnchor
  samples: readonly PositionSample[]
}

/** The instant of the shot on all the clocks the phone has: wall clock (ms since 1970), its offset, monotonic clock. */
export interface Moment {
  epochMs: number
  offsetMinutes: number
  perfMs: number
}

export function momentNow(): Moment {
  const now = new Date()
  return { epochMs: now.getTime(), offsetMinutes: -now.getTimezoneOffset(), perfMs: performance.now() }
}

export function buildCapture(facts: CaptureFacts): CaptureRecord {
  const { anchor, moment } = facts
  return {
    v: 1,
    capture_id: facts.captureId,
    sha256: facts.sha256,
    visit_id: facts.visitId,
    customer_id: facts.customerId,
    device_id: facts.deviceId,
    kind: facts.kind,
    source: facts.source,
    taken_at: new Date(moment.epochMs).toISOString(),
    offset_minutes: moment.offsetMinutes,
    time_token: anchor.token,
    since_token_ms: sinceToken(anchor, moment.perfMs),
    samples: facts.samples.map(({ lat, lng, accuracy, at }) => ({ lat, lng, accuracy, at })),
  }
}

/** Null, not a guess, when the token did not arrive in this run of the page: the monotonic clock began anew. */
function sinceToken(anchor: TimeAnchor, perfMs: number): number | null {
  if (anchor.token === null || anchor.receivedPerf === null || anchor.receivedPerf > perfMs) return null
  return Math.round(perfMs - anchor.receivedPerf)
}

/**
 * JSON with sorted keys and no white space; numbers as JavaScript prints them.
 *
 * Throws `TypeError` for what JSON cannot carry (NaN, infinity, undefined): a record that loses a value on its way
 * would still be signed, and nobody could say later what it had been.
 */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return JSON.stringify(value)
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new TypeError(`not a JSON number: ${value}`)
    return JSON.stringify(value)
  }
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (typeof value === 'object') {
    const fields = value as Record<string, unknown>
    const parts = Object.keys(fields)
      .sort()
      .map((key) => `${JSON.stringify(key)}:${canonicalJson(fields[key])}`)
    return `{${parts.join(',')}}`
  }
  throw new TypeError(`not a JSON value: ${typeof value}`)
}

export interface SignedCapture {
  /** The record's exact text: it travels as a string, nobody serialises it again. */
  text: string
  /** base64url without padding, 86 characters. */
  signature: string
}

export async function signCapture(record: CaptureRecord, sign: Sign): Promise<SignedCapture> {
  const text = canonicalJson(record)
  return { text, signature: toBase64Url(await sign(utf8(text))) }
}

/** Whether `signature` belongs to exactly this text and key. A malformed signature is false, not an error. */
export async function verifyCapture(signed: SignedCapture, publicKey: CryptoKey): Promise<boolean> {
  const raw = fromBase64Url(signed.signature)
  if (raw?.length !== 64) return false
  return crypto.subtle.verify({ name: 'ECDSA', hash: 'SHA-256' }, publicKey, raw, utf8(signed.text))
}

/** Lower-case hex of the SHA-256 of `bytes`. */
export async function sha256Hex(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

export function toBase64Url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '')
}

function fromBase64Url(text: string): Uint8Array<ArrayBuffer> | null {
  if (!/^[\w-]*$/.test(text)) return null
  return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (char) => char.charCodeAt(0))
}

function utf8(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text)
}
