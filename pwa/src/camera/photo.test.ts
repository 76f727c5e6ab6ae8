// @vitest-environment node
import { load, TagValues } from 'piexif-ts/dist/piexif.js'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { type CaptureRecord, sha256Hex, type Sign, verifyCapture } from './capture'
import type { EvidenceImage } from './image'
import { fromGallery, type PhotoContext, takeEvidencePhoto } from './photo'
import { TINY_JPEG } from './testing'

// The pixels are the browser's business (canvas); here a JPEG of one pixel stands for them.
vi.mock('./image', () => ({
  toEvidenceImage: async (): Promise<EvidenceImage> => ({
    bytes: TINY_JPEG,
    width: 1536,
    height: 2048,
    thumbnail: Uint8Array.of(1),
  }),
}))

let keys: CryptoKeyPair
const sign: Sign = async (bytes) =>
  new Uint8Array(await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, keys.privateKey, bytes))
const session = { shoot: async () => new Blob(['pixels']) }

function visitWith(samples: CaptureRecord['samples']): PhotoContext {
  return {
    visit: { id: 'visit-1' },
    customer: { id: 'customer-1' },
    device: { id: 'device-1' },
    position: { samples: () => samples },
    anchor: { token: 'token-1', receivedPerf: performance.now() - 60_000 },
    sign,
  }
}
const fix = (accuracy: number, secondsAgo: number) => ({
  lat: 36.0671,
  lng: 120.3826,
  accuracy,
  at: new Date(Date.now() - secondsAgo * 1000).toISOString(),
})
const exifOf = (bytes: ArrayBuffer) => load(String.fromCharCode(...new Uint8Array(bytes)))

beforeAll(async () => {
  keys = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign', 'verify'])
})

describe('a photo taken at the customer', () => {
  it('has one hash, one capture and one signature that all speak of the same bytes', async () => {
    const samples = [fix(40, 20), fix(8, 4), fix(15, 1)]
    const photo = await takeEvidencePhoto({ ...visitWith(samples), session, kind: 'storefront' })

    expect(photo.sha256).toBe(await sha256Hex(new Uint8Array(photo.bytes)))
    expect(await verifyCapture({ text: photo.capture, signature: photo.signature }, keys.publicKey)).toBe(true)
    const record = JSON.parse(photo.capture) as CaptureRecord
    expect(record).toMatchObject({
      capture_id: photo.photoId,
      sha256: photo.sha256,
      visit_id: 'visit-1',
      customer_id: 'customer-1',
      device_id: 'device-1',
      kind: 'storefront',
      source: 'camera',
      time_token: 'token-1',
      samples,
    })
    expect(record.since_token_ms).toBeGreaterThanOrEqual(60_000)
    const { Exif, GPS } = exifOf(photo.bytes)
    expect(Exif![TagValues.ExifIFD.ImageUniqueID]).toBe(photo.photoId.replaceAll('-', ''))
    expect(Exif![TagValues.ExifIFD.DateTimeOriginal]).toMatch(/^\d{4}:\d\d:\d\d \d\d:\d\d:\d\d$/)
    expect(GPS![TagValues.GPSIFD.GPSHPositioningError]).toEqual([800, 100])
  })

  it('without a fix goes on, and says so by having no place', async () => {
    const photo = await takeEvidencePhoto({ ...visitWith([]), session, kind: 'shelf' })
    expect(photo.place).toBeNull()
    expect(exifOf(photo.bytes).GPS).toBeUndefined()
    expect(JSON.parse(photo.capture)).toMatchObject({ samples: [] })
  })

  it('frees the shutter before the evidence is made', async () => {
    const order: string[] = []
    const slow: Sign = async (bytes) => {
      order.push('signed')
      return sign(bytes)
    }
    const context = { ...visitWith([]), sign: slow }
    await takeEvidencePhoto({ ...context, session, kind: 'shelf', onShot: () => order.push('shot') })
    expect(order).toEqual(['shot', 'signed'])
  })
})

describe('a picture from the gallery', () => {
  it('is signed as such and claims neither time nor place of taking', async () => {
    const photo = await fromGallery(new Blob(['old']), 'other', visitWith([fix(8, 1)]))
    expect(JSON.parse(photo.capture)).toMatchObject({ source: 'gallery', kind: 'other' })
    expect(await verifyCapture({ text: photo.capture, signature: photo.signature }, keys.publicKey)).toBe(true)
    const { Exif, GPS } = exifOf(photo.bytes)
    expect(Exif).not.toHaveProperty(String(TagValues.ExifIFD.DateTimeOriginal))
    expect(GPS).toBeUndefined()
    expect(photo.place).toBeNull()
  })
})
