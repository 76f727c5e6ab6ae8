/** The small parts, each alone. */

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Backoff } from './backoff'
import { Clock } from './clock'
import { base64url } from './keys'
import { live } from './live'
import { Changes } from './changes'
import { inOrder } from './order'
import { Observable } from './status'
import { Phone } from './testing/phone'
import { ModelServer } from './testing/server'
import { uuid7Generator } from './uuid'

describe('UUIDv7', () => {
  it('grows, whatever the clock does, and is well-formed', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(2 ** 41), { minLength: 1, maxLength: 50 }), (times) => {
        let at = 0
        const make = uuid7Generator(() => times[at++ % times.length]!)
        const ids = times.flatMap(() => [make(), make()])
        expect([...ids].sort()).toEqual(ids)
        expect(new Set(ids).size).toBe(ids.length)
        for (const id of ids)
          expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
      }),
    )
  })

  it('begins with the milliseconds', () => {
    const id = uuid7Generator(() => 0x0190f2c4abcd)()
    expect(id.startsWith('0190f2c4-abcd-7')).toBe(true)
  })

  it('makes 100,000 in one millisecond, all different and in order', () => {
    const make = uuid7Generator(() => 1)
    let last = ''
    for (let i = 0; i < 100_000; i++) {
      const id = make()
      if (id <= last) throw new Error(`${id} after ${last}`)
      last = id
    }
  })
})

describe('order', () => {
  const op = (id: string, seq: number, ...needs: string[]) => ({ id, seq, needs })

  it('is by number, but after what is needed', () => {
    const ops = [op('b', 2, 'c'), op('a', 1), op('c', 3), op('d', 4, 'gone')]
    expect(inOrder(ops).map(({ id }) => id)).toEqual(['a', 'c', 'b', 'd'])
  })

  it('is complete for any needs, circles and long chains included', () => {
    fc.assert(
      fc.property(fc.array(fc.array(fc.nat(20), { maxLength: 3 }), { maxLength: 20 }), (needs) => {
        const ops = needs.map((list, seq) => op(`${seq}`, seq, ...list.map(String)))
        expect(
          inOrder(ops)
            .map(({ seq }) => seq)
            .sort((a, b) => a - b),
        ).toEqual(ops.map(({ seq }) => seq))
      }),
    )
    const chain = Array.from({ length: 20_000 }, (_, i) => op(`${i}`, 20_000 - i, ...(i > 0 ? [`${i - 1}`] : [])))
    expect(inOrder(chain)[0]?.id).toBe('0')
  })
})

describe('back-off', () => {
  it('doubles, is shaken, never longer than five minutes, and begins again after a success', () => {
    const backoff = new Backoff(() => 0)
    expect([1, 2, 3].map(() => backoff.fail())).toEqual([500, 1000, 2000])
    for (let i = 0; i < 50; i++) expect(backoff.fail()).toBeLessThanOrEqual(300_000)
    backoff.reset()
    expect(backoff.fail(7_000)).toBe(7_000)
  })
})

describe('the time anchor', () => {
  it('counts from the receipt by the monotonic clock, and knows nothing after a restart', () => {
    const phone = new Phone(new ModelServer())
    let kept = { token: '', server_time: '' }
    const clock = new Clock(phone.environment(), (token) => (kept = token))
    expect(clock.anchor()).toEqual({ token: null, since_token_ms: null, server_time: null })
    clock.received('t1', '2026-11-21T12:00:00.000Z')
    phone.monotonic += 734_000.4
    phone.skew = 1e12
    expect(clock.anchor()).toMatchObject({ token: 't1', since_token_ms: 734_000 })
    const restarted = new Clock(phone.environment(), () => {})
    restarted.restore(kept)
    expect(restarted.anchor()).toMatchObject({ token: 't1', since_token_ms: null })
  })

  it('comes with every pull', async () => {
    const phone = new Phone(new ModelServer())
    await phone.ready()
    phone.monotonic += 10
    expect(phone.engine.timeAnchor()).toMatchObject({ token: 'token-0', since_token_ms: 10 })
    await phone.restart()
    expect(phone.engine.timeAnchor()).toMatchObject({ token: 'token-0', since_token_ms: null })
  })
})

describe('the device', () => {
  it('keeps one key pair, of which the private half cannot leave, and signs so that the public half verifies', async () => {
    const phone = new Phone(new ModelServer())
    await phone.start()
    const { device, publicKey, sign } = phone.engine.device
    const text = '{"v":1,"name":"王记"}'
    const signature = await sign(text)
    expect(Buffer.from(signature, 'base64url')).toHaveLength(64)
    const spki = Buffer.from(publicKey, 'base64url')
    const key = await crypto.subtle.importKey('spki', spki, { name: 'ECDSA', namedCurve: 'P-256' }, true, ['verify'])
    const good = await crypto.subtle.verify(
      { name: 'ECDSA', hash: 'SHA-256' },
      key,
      Buffer.from(signature, 'base64url'),
      new TextEncoder().encode(text),
    )
    expect(good).toBe(true)
    await phone.restart()
    expect(phone.engine.device).toMatchObject({ device, publicKey })
  })

  it('writes base64url without padding', () => {
    expect(base64url(new Uint8Array([251, 255, 254, 0]))).toBe('-__-AA')
  })
})

describe('live queries', () => {
  it('run again only for what they look at, one at a time, and end with the newest state', async () => {
    const changes = new Observable<Changes>(new Changes())
    let state = 1
    let runs = 0
    let parallel = 0
    const seen: number[] = []
    const stop = live(
      (listener) => changes.subscribe(listener),
      [{ type: 'customer', id: 'a' }, { type: 'notice' }],
      async () => {
        runs += 1
        expect(++parallel).toBe(1)
        const value = state
        await new Promise((resolve) => setTimeout(resolve, 2))
        parallel -= 1
        return value
      },
      (value) => seen.push(value),
    )
    await new Promise((resolve) => setTimeout(resolve, 10))
    changes.set(new Changes([['customer', new Set(['b'])]]))
    changes.set(new Changes([['visit', null]]))
    await new Promise((resolve) => setTimeout(resolve, 10))
    expect(runs).toBe(1)
    for (state = 2; state < 20; state++) changes.set(new Changes([['customer', null]]))
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(runs).toBeLessThanOrEqual(4)
    expect(seen.at(-1)).toBe(20)
    stop()
    changes.set(new Changes([['notice', null]]))
    expect(runs).toBeLessThanOrEqual(4)
  })
})

describe('what a device says of itself', () => {
  it('is its version, how much waits on it and since when, with every pull and push', async () => {
    const phone = new Phone(new ModelServer())
    const said: string[] = []
    const environment = phone.environment.bind(phone)
    phone.environment = () => {
      const env = environment()
      const { fetch } = env
      env.fetch = (url, init) => {
        const report = (init.headers as Record<string, string>)['X-Xunke-Client']
        said.push(`${url.split('?')[0]} ${report}`)
        return fetch(url, init)
      }
      return env
    }
    await phone.start({ version: '1.2.3' })
    await phone.engine.loggedIn({ id: 'li', name: '李' })
    await phone.engine.syncNow()
    await phone.engine.submit('customer.create', { id: 'new', values: { name: '新店' } })
    await phone.engine.syncNow()
    expect(said[0]).toBe('/sync/v1/pull app=1.2.3; waiting=0; oldest=-')
    expect(said.find((line) => line.startsWith('/sync/v1/push'))).toMatch(
      /app=1\.2\.3; waiting=1; oldest=\d{4}-\d\d-\d\dT[\d:.]+Z$/,
    )
    expect(said.at(-1)).toContain('waiting=0; oldest=-')
  })
})
