/** Takes a picture the way the app's camera does: EXIF, capture record, signature of the device. */
import { readFile } from 'node:fs/promises'
import { buildCapture, sha256Hex, signCapture } from '@/camera/capture'
import { writeExif } from '@/camera/exif'
import type { NewPhoto } from '@/sync/types'
import type { Actor } from './actor'

const PLACE = { lat: 36.0672, lng: 120.3826, accuracy: 8 }
let jpeg: Uint8Array<ArrayBuffer> | null = null

export interface PhotoDraft {
  command: 'photo.attach'
  args: { id: string; visit_id: string; customer_id: string; kind: string; capture: string; signature: string }
  photos: NewPhoto[]
}

export async function takePhoto(actor: Actor, visit: string, customer: string): Promise<PhotoDraft> {
  const { engine } = actor
  const environment = actor.environment()
  const anchor = engine.timeAnchor()
  const moment = { epochMs: environment.now(), offsetMinutes: 480, perfMs: environment.monotonic() }
  const sample = { ...PLACE, at: new Date(moment.epochMs).toISOString() }
  const id = engine.newId()
  jpeg ??= new Uint8Array(await readFile(actor.cast.picture))
  const bytes = writeExif(jpeg, { captureId: id, width: 640, height: 480, moment, position: sample })
  const sha256 = await sha256Hex(bytes)
  const record = buildCapture({
    captureId: id,
    sha256,
    visitId: visit,
    customerId: customer,
    deviceId: actor.device,
    kind: 'storefront',
    source: 'camera',
    moment,
    anchor: {
      token: anchor.token,
      receivedPerf: anchor.since_token_ms === null ? null : moment.perfMs - anchor.since_token_ms,
    },
    samples: [sample],
  })
  const signed = await signCapture(record, async (text) => fromBase64Url(await sign(actor, text)))
  return {
    command: 'photo.attach',
    args: {
      id,
      visit_id: visit,
      customer_id: customer,
      kind: 'storefront',
      capture: signed.text,
      signature: signed.signature,
    },
    photos: [{ photo_id: id, sha256, bytes: bytes.buffer, capture: signed.text, signature: signed.signature }],
  }
}

const sign = (actor: Actor, text: Uint8Array): Promise<string> =>
  actor.engine.device.sign(new TextDecoder().decode(text))

function fromBase64Url(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (char) => char.charCodeAt(0))
}
