// @vitest-environment node
import { beforeAll, describe, expect, it } from 'vitest'
import {
  buildCapture,
  canonicalJson,
  type CaptureFacts,
  type Sign,
  sha256Hex,
  signCapture,
  verifyCapture,
} from './capture'

const facts: CaptureFacts = {
  captureId: '0190f2c4-0000-7000-8000-000000000001',
  sha256: 'ab'.repeat(32),
  visitId: '0190f2c4-0000-7000-8000-000000000002',
  customerId: '0190f2c4-0000-7000-8000-000000000003',
  deviceId: '0190f2c4-0000-7000-8000-000000000004',
  kind: 'storefront',
  source: 'camera',
  moment: { epochMs: Date.UTC(2026, 10, 21, 8, 1, 2), offsetMinutes: 480, perfMs: 750_000.4 },
  anchor: { token: 'tök"en', receivedPerf: 16_000 },
  samples: [{ lat: 36.0671, lng: 120.3826, accuracy: 12.5, at: '2026-11-21T08:01:00.000Z' }],
}

let keys: CryptoKeyPair
const sign: Sign = async (bytes) =>
  new Uint8Array(await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, keys.privateKey, bytes))

beforeAll(async () => {
  keys = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign', 'verify'])
})

describe('the capture record', () => {
  it('is written as the protocol says, to the last byte', () => {
    expect(canonicalJson(buildCapture(facts))).toBe(
      '{"capture_id":"0190f2c4-0000-7000-8000-000000000001","customer_id":"0190f2c4-0000-7000-8000-000000000003",' +
        '"device_id":"0190f2c4-0000-7000-8000-000000000004","kind":"storefront","offset_minutes":480,"samples":' +
        '[{"accuracy":12.5,"at":"2026-11-21T08:01:00.000Z","lat":36.0671,"lng":120.3826}],' +
        `"sha256":"${'ab'.repeat(32)}","since_token_ms":734000,"source":"camera",` +
        '"taken_at":"2026-11-21T08:01:02.000Z","time_token":"tök\\"en","v":1,' +
        '"visit_id":"0190f2c4-0000-7000-8000-000000000002"}',
    )
  })

  it('says null instead of guessing when the browser was restarted since the last sync', () => {
    expect(buildCapture({ ...facts, anchor: { token: 't', receivedPerf: null } }).since_token_ms).toBeNull()
    expect(buildCapture({ ...facts, anchor: { token: 't', receivedPerf: 800_000 } }).since_token_ms).toBeNull()
  })

  it('carries no field of a sample that the contract does not know', () => {
    const sample = { ...facts.samples[0]!, speed: 3 }
    expect(buildCapture({ ...facts, samples: [sample] }).samples[0]).not.toHaveProperty('speed')
  })

  it('refuses numbers that JSON would silently turn into null', () => {
    expect(() => canonicalJson({ lat: Number.NaN })).toThrow(TypeError)
    expect(() => canonicalJson({ lat: undefined })).toThrow(TypeError)
  })

  it('prints numbers as JavaScript does', () => {
    expect(canonicalJson([1e-7, 1e21, -0, 0.1, 120.0])).toBe('[1e-7,1e+21,0,0.1,120]')
  })
})

describe('the signature', () => {
  it('holds for the exact text and breaks with one changed digit', async () => {
    const signed = await signCapture(buildCapture(facts), sign)
    expect(signed.signature).toMatch(/^[\w-]{86}$/)
    expect(await verifyCapture(signed, keys.publicKey)).toBe(true)
    expect(await verifyCapture({ ...signed, text: signed.text.replace('36.0671', '36.0672') }, keys.publicKey)).toBe(
      false,
    )
  })

  it('of another key, or of rubbish, is simply false', async () => {
    const signed = await signCapture(buildCapture(facts), sign)
    const other = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign', 'verify'])
    expect(await verifyCapture(signed, other.publicKey)).toBe(false)
    expect(await verifyCapture({ ...signed, signature: '!!' }, keys.publicKey)).toBe(false)
    expect(await verifyCapture({ ...signed, signature: '' }, keys.publicKey)).toBe(false)
  })
})

it('hashes as everybody else does', async () => {
  const abc = new TextEncoder().encode('abc')
  expect(await sha256Hex(abc)).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
})
