/** Who this device is: its id, and a key pair whose private half never leaves the browser.
 *
 * ECDSA P-256; the private key is not extractable and lives as a CryptoKey in the outbox database. The public half is
 * enrolled at login (SPKI, base64url without padding); signatures are raw r||s, 64 bytes, base64url. */

import type { Environment } from './environment'
import type { Outbox } from './outbox'

export interface DeviceKeys {
  device: string
  /** SPKI, base64url without padding. */
  publicKey: string
  /** ECDSA P-256 over SHA-256 of the UTF-8 bytes of `text`; base64url without padding. */
  sign(text: string): Promise<string>
}

const CURVE = { name: 'ECDSA', namedCurve: 'P-256' } as const
const SIGNATURE = { name: 'ECDSA', hash: 'SHA-256' } as const

interface Stored {
  device: string
  pair: CryptoKeyPair
}

export async function deviceKeys(env: Environment, outbox: Outbox, newId: () => string): Promise<DeviceKeys> {
  const { device, pair } = (await read(outbox)) ?? (await create(env, outbox, newId))
  const spki = await env.crypto.subtle.exportKey('spki', pair.publicKey)
  return {
    device,
    publicKey: base64url(new Uint8Array(spki)),
    sign: async (text) => {
      const signature = await env.crypto.subtle.sign(SIGNATURE, pair.privateKey, new TextEncoder().encode(text))
      return base64url(new Uint8Array(signature))
    },
  }
}

/** A new identity for this phone. What was signed under the old one stays so; the server knows both. */
export async function renewKeys(
  env: Environment,
  outbox: Outbox,
  newId: () => string,
  old: string,
): Promise<DeviceKeys> {
  const pair = await env.crypto.subtle.generateKey(CURVE, false, ['sign', 'verify'])
  const mine: Stored = { device: newId(), pair }
  await outbox.transaction(async () => {
    const there = (await outbox.keys.get('device'))?.value as Stored | undefined
    // Another tab may have done it a moment ago.
    if (there && there.device !== old) return
    await outbox.keys.put({ key: 'device', value: mine })
  })
  return deviceKeys(env, outbox, newId)
}

async function read(outbox: Outbox): Promise<Stored | undefined> {
  return (await outbox.guard(() => outbox.keys.get('device')))?.value as Stored | undefined
}

/** Two tabs may start together for the first time: the first to store wins and both use its pair. */
async function create(env: Environment, outbox: Outbox, newId: () => string): Promise<Stored> {
  const pair = await env.crypto.subtle.generateKey(CURVE, false, ['sign', 'verify'])
  const mine: Stored = { device: newId(), pair }
  return outbox.transaction(async () => {
    const there = (await outbox.keys.get('device'))?.value as Stored | undefined
    if (there) return there
    await outbox.keys.put({ key: 'device', value: mine })
    return mine
  })
}

export function base64url(bytes: Uint8Array): string {
  return base64(bytes).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}

export function base64(bytes: Uint8Array): string {
  let text = ''
  for (let at = 0; at < bytes.length; at += 0x8000) {
    text += String.fromCharCode(...bytes.subarray(at, at + 0x8000))
  }
  return btoa(text)
}
