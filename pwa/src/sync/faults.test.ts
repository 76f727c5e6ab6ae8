/** Browsers and phones that let us down: storage that is missing, full or taken away, tabs that come and go, clocks a
 * year off. What was saved stays, and the status says what is wrong. */

import { IDBDatabase, IDBObjectStore } from 'fake-indexeddb'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { Engine } from './engine'
import { isDue } from './outbox'
import type { Stores } from './stores'
import { DECLARATIONS, Phone, eventually } from './testing/phone'
import { ModelServer } from './testing/server'
import { uuid7Generator } from './uuid'

const YEAR = 365 * 86_400_000
const running: Phone[] = []

async function company(): Promise<{ server: ModelServer; phone: Phone }> {
  const server = new ModelServer()
  server.customer('wang', { name: '王记超市', mobile: '138' }, 'li')
  const phone = new Phone(server)
  await phone.ready()
  return { server, phone }
}

const edit = (base: string, mine: string) => ({ id: 'wang', set: { mobile: [base, mine] } })
const storesOf = (phone: Phone): Stores => (phone.engine as unknown as { stores: Stores }).stores

/** The disk refuses to take more into these stores, until the answer is called. */
function fullDisk(full: (store: string) => boolean): () => void {
  const spies = (['put', 'add'] as const).map((method) => {
    const original = IDBObjectStore.prototype[method]
    return vi.spyOn(IDBObjectStore.prototype, method).mockImplementation(function (
      this: IDBObjectStore,
      ...args: unknown[]
    ) {
      if (full(this.name)) throw new DOMException('no space left', 'QuotaExceededError')
      return original.apply(this, args as never)
    })
  })
  return () => spies.forEach((spy) => spy.mockRestore())
}

afterEach(() => {
  vi.restoreAllMocks()
  for (const phone of running.splice(0)) phone.engine.stop()
})

describe('a browser without storage', () => {
  const failing = (name: string, message: string): IDBFactory =>
    ({
      open: () => {
        throw new DOMException(message, name)
      },
    }) as unknown as IDBFactory

  it.each([
    ['site data is blocked', 'SecurityError', 'The operation is insecure.', 'storage_unavailable'],
    ['a private window', 'InvalidStateError', 'A mutation operation was attempted', 'storage_closed'],
    ['a damaged profile', 'UnknownError', 'Internal error opening backing store', 'storage_closed'],
  ])('%s: a state with a reason, and whoever saves is told', async (_case, name, message, code) => {
    const phone = new Phone(new ModelServer())
    const environment = { ...phone.environment(), indexedDB: failing(name, message) }
    const engine = new Engine(environment, { declarations: DECLARATIONS })
    await engine.start()
    expect(engine.status.value).toMatchObject({ state: 'blocked_storage', problem: { code } })
    await expect(engine.submit('customer.create', { id: 'x' })).rejects.toMatchObject({ code })
    expect(() => engine.device).toThrow(expect.objectContaining({ code }))
    engine.stop()
  })
})

describe('a full disk', () => {
  it('a photo that does not fit is not half saved: neither it nor its op is there', async () => {
    const { server, phone } = await company()
    const photo = { photo_id: 'p1', sha256: 'h1', bytes: new ArrayBuffer(8) }
    const free = fullDisk((store) => store === 'bytes')
    await expect(phone.engine.submit('photo.attach', { id: 'p1' }, { photos: [photo] })).rejects.toMatchObject({
      code: 'storage_full',
    })
    expect(await phone.engine.outboxItems()).toEqual([])
    expect(await phone.engine.photoItems()).toEqual([])
    expect(phone.engine.status.value).toMatchObject({ state: 'blocked_storage', problem: { code: 'storage_full' } })
    free()
    await phone.engine.submit('photo.attach', { id: 'p1' }, { photos: [photo] })
    await phone.engine.syncNow()
    expect(server.blobs.has('h1')).toBe(true)
  })

  it('in the middle of a page: nothing of the page is there, the work is sent, and it goes on when there is room', async () => {
    const { server, phone } = await company()
    for (let i = 0; i < 6; i++) server.customer(`c${i}`, { name: `${i}` }, 'li')
    server.pageSize = 4
    await phone.engine.submit('customer.edit', edit('138', '139'))
    let rows = 0
    const free = fullDisk((store) => store === 'customer' && ++rows > 3)
    await phone.engine.syncNow()
    expect(phone.engine.status.value).toMatchObject({ state: 'blocked_storage', problem: { code: 'storage_full' } })
    expect(server.row('customer', 'wang')).toMatchObject({ mobile: '139' })
    expect(await phone.engine.get('customer', 'wang')).toMatchObject({ mobile: '139' })
    free()
    await phone.engine.syncNow()
    expect(phone.engine.status.value.state).toBe('idle')
    expect((await phone.view()).size).toBe(7)
  })

  it('a draft that cannot be kept says so', async () => {
    const { phone } = await company()
    fullDisk((store) => store === 'drafts')
    await expect(phone.engine.saveDraft('customer/new', { name: '王' })).rejects.toThrow()
  })
})

describe('the database taken away under us', () => {
  it('another page deletes the cache: it is made anew and filled, the work stays', async () => {
    const { server, phone } = await company()
    phone.isOnline = false
    await phone.engine.submit('customer.edit', edit('138', '139'))
    await new Promise<void>((resolve, reject) => {
      const request = phone.factory.deleteDatabase('phone-cache')
      request.onsuccess = () => resolve()
      request.onerror = () => reject(new Error('not deleted'))
    })
    phone.isOnline = true
    await phone.engine.syncNow()
    expect(server.row('customer', 'wang')).toMatchObject({ mobile: '139' })
    await phone.restart()
    await phone.engine.syncNow()
    expect(await phone.engine.get('customer', 'wang')).toMatchObject({ mobile: '139' })
    expect(phone.engine.status.value).toMatchObject({ state: 'idle', waiting: 0 })
  })

  it('the connection is lost again and again: each piece of work asks for it anew', async () => {
    const { server, phone } = await company()
    const lose = (): void => {
      for (const store of [storesOf(phone).cache, storesOf(phone).outbox]) {
        const { db } = store as unknown as { db: { backendDB(): IDBDatabase } }
        db.backendDB().close()
      }
    }
    let mobile = '138'
    for (const next of ['1', '2', '3']) {
      lose()
      await phone.engine.submit('customer.edit', edit(mobile, next))
      lose()
      await phone.engine.syncNow()
      mobile = next
      expect(server.row('customer', 'wang')).toMatchObject({ mobile })
    }
    expect(phone.engine.status.value).toMatchObject({ state: 'idle', waiting: 0 })
  })
})

describe('the connection to the disk lost (iPhones, after a while in the background)', () => {
  it('every request fails until the database is opened anew: nobody has to reload', async () => {
    const dead = new WeakSet<object>()
    let refused = 0
    const transaction = IDBDatabase.prototype.transaction
    vi.spyOn(IDBDatabase.prototype, 'transaction').mockImplementation(function (this: object, ...args: unknown[]) {
      if (!dead.has(this)) return transaction.apply(this as never, args as never)
      refused += 1
      throw new DOMException('Connection to Indexed Database server lost. Refresh the page', 'UnknownError')
    })
    const { server, phone } = await company()
    const lose = (): void => {
      for (const store of [storesOf(phone).cache, storesOf(phone).outbox]) {
        dead.add((store as unknown as { db: { backendDB(): object } }).db.backendDB())
      }
    }
    lose()
    expect(await phone.engine.get('customer', 'wang')).toMatchObject({ mobile: '138' })
    await phone.engine.submit('customer.edit', edit('138', '139'))
    lose()
    await phone.engine.syncNow()
    expect(server.row('customer', 'wang')).toMatchObject({ mobile: '139' })
    expect(refused).toBeGreaterThanOrEqual(3)
    expect(phone.engine.status.value).toMatchObject({ state: 'idle', waiting: 0 })
  })
})

describe('text that is none', () => {
  it('half an emoji is replaced when the op is recorded; whole ones stay', async () => {
    const { phone } = await company()
    const op = await phone.engine.submit('customer.edit', edit('138', 'a\ud83db😀'))
    expect(op.args).toEqual(edit('138', 'a\ufffdb😀'))
    expect(await phone.engine.get('customer', 'wang')).toMatchObject({ mobile: 'a\ufffdb😀' })
  })
})

describe('tabs that come and go', () => {
  it('the leading one is closed in the middle of a pull: the next goes on with it', async () => {
    const server = new ModelServer()
    for (let i = 0; i < 10; i++) server.customer(`c${i}`, { name: `${i}` }, 'li')
    server.pageSize = 2
    const first = new Phone(server)
    running.push(first)
    await first.start({ manual: false })
    let pages = 0
    server.afterwards = (request, response) => {
      if (request.path === '/sync/v1/pull' && ++pages === 3) first.engine.stop()
      return response
    }
    await first.engine.loggedIn({ id: 'li', name: 'li' })
    const second = first.tab()
    running.push(second)
    await second.start({ manual: false })
    await eventually(() => second.engine.status.value.leader)
    await eventually(async () => second.engine.status.value.complete && (await second.view()).size === 10)
    // It went on where the other was: not a second cold start.
    expect(pages).toBeLessThanOrEqual(8)
  })

  it('five tabs: one leads, all see everything, and work of any of them happens once', async () => {
    const { server, phone } = await company()
    phone.engine.stop()
    const tabs = [phone, ...Array.from({ length: 4 }, () => phone.tab())]
    for (const tab of tabs) {
      running.push(tab)
      await tab.start({ manual: false })
    }
    await Promise.all(
      tabs.map((tab, i) =>
        tab.engine.submit('visit.create', { id: `v${i}`, values: { customer_id: 'wang', name: `${i}` } }),
      ),
    )
    await eventually(async () => {
      const rows = await Promise.all(tabs.map((tab) => tab.engine.rows('visit')))
      return rows.every((found) => found.length === 5 && found.every((row) => row.rev > 0))
    })
    expect(tabs.filter((tab) => tab.engine.status.value.leader)).toHaveLength(1)
    expect([...server.effects.values()]).toEqual([1, 1, 1, 1, 1])
  })
})

describe('a clock a year off', () => {
  it.each([
    ['ahead', YEAR],
    ['behind', -YEAR],
  ])('%s, then put right: order, delivery and what is shown stay', async (_where, skew) => {
    const { server, phone } = await company()
    phone.skew = skew
    await phone.engine.submit('customer.edit', edit('138', '1'))
    await phone.restart()
    phone.skew = 0
    await phone.engine.submit('customer.edit', edit('1', '2'))
    await phone.engine.syncNow()
    expect(server.row('customer', 'wang')).toMatchObject({ mobile: '2' })
    expect(await phone.engine.outboxItems()).toEqual([])
    // How long ago the server told its time is counted by a clock that nobody can set.
    phone.monotonic += 5_000
    expect(phone.engine.timeAnchor().since_token_ms).toBe(5_000)
  })

  it.each([
    ['ahead', YEAR, YEAR],
    ['behind', -YEAR, -YEAR],
    ['a little off', 120_000, 0],
  ])('%s: the user is told by how much, until it is right', async (_where, skew, told) => {
    const { phone } = await company()
    const right = Date.parse(phone.engine.timeAnchor().server_time!) - Date.now()
    phone.skew = right + skew
    await phone.engine.syncNow()
    expect(phone.engine.status.value).toMatchObject({ state: 'idle', clockOff: told })
    phone.skew = right
    await phone.engine.syncNow()
    expect(phone.engine.status.value.clockOff).toBe(0)
  })

  it('a held op that was to be asked about in a year is asked about now', async () => {
    const { server, phone } = await company()
    server.commands.set('drone.fly', () => null) // a server that does not know it yet
    phone.skew = YEAR
    await phone.engine.submit('drone.fly', { id: 'x' })
    await phone.engine.syncNow()
    expect(phone.engine.status.value).toMatchObject({ needsYou: 1 })
    phone.skew = 0
    server.commands.set('drone.fly', () => ({}))
    server.results.clear()
    await phone.engine.syncNow()
    expect(await phone.engine.outboxItems()).toEqual([])
  })

  it('a pause is over when it has passed, or when it is longer than any', () => {
    const now = Date.UTC(2026, 10, 21)
    expect(isDue(now, now)).toBe(true)
    expect(isDue(now + 60_000, now)).toBe(false)
    expect(isDue(now + YEAR, now)).toBe(true)
    expect(isDue(now - YEAR, now)).toBe(true)
  })

  it('ids never collide and go on growing while the clock goes back', () => {
    let now = Date.UTC(2027, 10, 21)
    const newId = uuid7Generator(
      () => now,
      (bytes) => crypto.getRandomValues(bytes),
    )
    const ids = Array.from({ length: 50 }, (_, i) => {
      if (i === 25) now -= 2 * YEAR
      return newId()
    })
    expect(new Set(ids).size).toBe(50)
    expect([...ids].sort()).toEqual(ids)
  })
})
