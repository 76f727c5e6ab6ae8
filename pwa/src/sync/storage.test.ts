/** Phones whose storage fails: the user is told what is wrong, and nothing he was told is saved gets lost. */

import { IDBObjectStore } from 'fake-indexeddb'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { Cache, indexedFields } from './cache'
import { Engine } from './engine'
import { SyncError, storageCode } from './errors'
import type { Stores } from './stores'
import { DECLARATIONS, Phone } from './testing/phone'
import { ModelServer } from './testing/server'

async function company(): Promise<{ server: ModelServer; phone: Phone; stores: Stores }> {
  const server = new ModelServer()
  server.customer('wang', { name: '王记超市', mobile: '138' }, 'li')
  const phone = new Phone(server)
  await phone.ready()
  return { server, phone, stores: (phone.engine as unknown as { stores: Stores }).stores }
}

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

afterEach(() => vi.restoreAllMocks())

describe('a full disk', () => {
  it('stops the pull, says so, and goes on when there is room', async () => {
    const { server, phone } = await company()
    server.customer('chen', { name: '陈记' }, 'li')
    const free = fullDisk((store) => store === 'customer')
    await phone.engine.syncNow()
    expect(phone.engine.status.value).toMatchObject({
      state: 'blocked_storage',
      problem: { code: 'storage_full' },
    })
    free()
    await phone.engine.syncNow()
    expect(phone.engine.status.value.state).toBe('idle')
    expect(await phone.engine.get('customer', 'chen')).toBeDefined()
  })

  it('refuses an op it cannot store, clearly, and sends what it has', async () => {
    const { server, phone } = await company()
    await phone.engine.submit('customer.edit', { id: 'wang', set: { mobile: ['138', '139'] } })
    const free = fullDisk((store) => store === 'ops')
    const lost = phone.engine.submit('customer.edit', { id: 'wang', set: { name: ['王记超市', '王记'] } })
    await expect(lost).rejects.toMatchObject({ name: 'SyncError', code: 'storage_full' })
    free()
    await phone.engine.syncNow()
    expect(server.row('customer', 'wang')).toMatchObject({ mobile: '139', name: '王记超市' })
  })

  it('an op that fits the outbox but not the cache is kept, sent and shown later', async () => {
    const { server, phone } = await company()
    const free = fullDisk((store) => store === 'customer')
    await phone.engine.submit('customer.edit', { id: 'wang', set: { mobile: ['138', '139'] } })
    expect(phone.engine.status.value).toMatchObject({ state: 'blocked_storage', waiting: 1 })
    free()
    await phone.engine.syncNow()
    expect(server.row('customer', 'wang')).toMatchObject({ mobile: '139' })
    expect(await phone.engine.get('customer', 'wang')).toMatchObject({ mobile: '139' })
  })

  it('makes room with pictures the server already has', async () => {
    const { phone, stores } = await company()
    const photo = { photo_id: 'p1', sha256: 'h1', bytes: new ArrayBuffer(8), thumbnail: new ArrayBuffer(2) }
    await phone.engine.submit('photo.attach', { id: 'p1' }, { photos: [photo] })
    await phone.engine.syncNow()
    expect(await stores.outbox.bytes.count()).toBe(1)
    let times = 0
    const free = fullDisk((store) => store === 'ops' && times++ === 0)
    await phone.engine.submit('customer.edit', { id: 'wang', set: { mobile: ['138', '139'] } })
    free()
    expect(await stores.outbox.bytes.count()).toBe(0)
    expect(phone.engine.status.value.waiting).toBe(1)
  })
})

describe('a browser that takes the database away', () => {
  it('is asked for it again', async () => {
    const { phone, stores } = await company()
    for (const store of [stores.cache, stores.outbox]) {
      const { db } = store as unknown as { db: { backendDB(): IDBDatabase } }
      db.backendDB().close()
    }
    expect(await phone.engine.get('customer', 'wang')).toMatchObject({ mobile: '138' })
    await phone.engine.submit('customer.edit', { id: 'wang', set: { mobile: ['138', '139'] } })
    await phone.engine.syncNow()
    expect(phone.engine.status.value).toMatchObject({ state: 'idle', waiting: 0 })
  })

  it('or has none at all (private mode): a state, and a clear error for who tries to save', async () => {
    const phone = new Phone(new ModelServer())
    const engine = new Engine({ ...phone.environment(), indexedDB: null }, { declarations: DECLARATIONS })
    await engine.start()
    expect(engine.status.value).toMatchObject({
      state: 'blocked_storage',
      problem: { code: 'storage_unavailable' },
    })
    await expect(engine.submit('customer.create', { id: 'x' })).rejects.toMatchObject({ code: 'storage_unavailable' })
  })

  it('names the trouble whatever the wrapping', () => {
    const quota = new DOMException('', 'QuotaExceededError')
    expect(storageCode(Object.assign(new Error('x'), { name: 'AbortError', inner: quota }))).toBe('storage_full')
    expect(storageCode(new Error('Connection to Indexed Database server lost. Refresh the page'))).toBe(
      'storage_closed',
    )
    expect(storageCode(new SyncError('op_too_large'))).toBeNull()
    expect(storageCode(new TypeError('x is not a function'))).toBeNull()
  })
})

describe('the cache and the declarations', () => {
  it('indexes the id, the root, references that rows are looked up by, and what asks for it', () => {
    expect(
      indexedFields({
        fields: [
          { name: 'customer_id', kind: 'ref' },
          { name: 'grade_id', kind: 'ref' },
          { name: 'category_ids', kind: 'refs' },
          { name: 'state', kind: 'choice', index: true },
          { name: 'name', kind: 'text' },
        ],
      }),
    ).toBe('id, root, customer_id, *category_ids, state')
  })

  it('knows the root of a row from its declaration', async () => {
    const { phone } = await company()
    const cache = new Cache(phone.environment(), {
      schema: 2,
      records: {
        customer: { root: 'customer:id', fields: [] },
        conflict: { root: 'customer:customer_id|employee:employee_id', fields: [] },
        notice: { root: 'company', fields: [] },
      },
    })
    expect(cache.rootOf('customer', { id: 'c' })).toBe('customer:c')
    expect(cache.rootOf('conflict', { id: 'x', customer_id: 'c', employee_id: 'e' })).toBe('customer:c')
    expect(cache.rootOf('conflict', { id: 'x', customer_id: null, employee_id: 'e' })).toBe('employee:e')
    expect(cache.rootOf('notice', { id: 'x' })).toBe('company')
  })

  it('a new index appears on an old cache without a new pull', async () => {
    const { server, phone } = await company()
    phone.engine.stop()
    const newer = new Phone(server, 'li', {
      schema: 2,
      records: {
        ...DECLARATIONS.records,
        customer: { root: 'customer:id', fields: [{ name: 'name', kind: 'text', index: true }] },
      },
    })
    newer.factory = phone.factory
    vi.spyOn(console, 'warn').mockImplementation(() => {})
    await newer.start()
    expect(await newer.engine.rows('customer', { index: 'name', value: '王记超市' })).toHaveLength(1)
  })
})

describe('a clock that is one year off', () => {
  it('changes nothing about order and delivery', async () => {
    const { server, phone } = await company()
    phone.skew = 365 * 86_400_000
    await phone.engine.submit('customer.edit', { id: 'wang', set: { mobile: ['138', '1'] } })
    phone.skew = -365 * 86_400_000
    await phone.engine.submit('customer.edit', { id: 'wang', set: { mobile: ['1', '2'] } })
    await phone.engine.syncNow()
    expect(server.row('customer', 'wang')).toMatchObject({ mobile: '2' })
    expect(await phone.engine.outboxItems()).toEqual([])
  })
})
