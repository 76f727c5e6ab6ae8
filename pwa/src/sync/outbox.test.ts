/** The outbox is frozen: what any build has written, every later one reads, sends and leaves readable for the earlier. */

import { describe, expect, it } from 'vitest'
import { isSettled } from './outbox'
import { Phone } from './testing/phone'
import { ModelServer } from './testing/server'
import type { OutboxOp } from './types'

/** As the first build made it: Dexie's version 1 is IndexedDB's 10. Never to be changed. */
const FIRST: Record<string, { key: string; indexes: Array<[string, string | string[]]> }> = {
  ops: {
    key: 'id',
    indexes: [
      ['seq', 'seq'],
      ['[state+seq]', ['state', 'seq']],
      ['[state+employee]', ['state', 'employee']],
      ['attention', 'attention'],
      ['about.id', 'about.id'],
    ],
  },
  delivered: { key: 'id', indexes: [['delivered_at', 'delivered_at']] },
  blobs: {
    key: 'photo_id',
    indexes: [
      ['state', 'state'],
      ['sha256', 'sha256'],
    ],
  },
  bytes: { key: 'photo_id', indexes: [] },
  drafts: { key: 'key', indexes: [] },
  keys: { key: 'key', indexes: [] },
  meta: { key: 'key', indexes: [] },
}
const MANY = 500

function open(factory: IDBFactory, create?: (db: IDBDatabase) => void): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = create ? factory.open('phone-outbox', 10) : factory.open('phone-outbox')
    request.onupgradeneeded = () => create?.(request.result)
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(new Error('not opened'))
  })
}

/** A phone that has worked for a day with the first build: 500 ops, a photo, a draft, some of it half sent. */
async function firstBuild(factory: IDBFactory, epoch: string): Promise<void> {
  const db = await open(factory, (made) => {
    for (const [name, { key, indexes }] of Object.entries(FIRST)) {
      const store = made.createObjectStore(name, { keyPath: key })
      for (const [index, path] of indexes) store.createIndex(index, path)
    }
  })
  const tx = db.transaction(Object.keys(FIRST), 'readwrite')
  const put = (store: string, value: unknown): void => void tx.objectStore(store).put(value)
  for (let n = 0; n < MANY; n++) {
    put('ops', {
      id: `op${n}`,
      seq: n + 1,
      command: n % 2 ? 'customer.rename' : 'customer.edit', // one of them is no more
      version: 1,
      at: '2026-11-21T08:00:00.000Z',
      base: null,
      args: n % 2 ? { id: 'wang', name: `${n}` } : { id: 'wang', set: { mobile: [n ? `${n - 2}` : '138', `${n}`] } },
      needs: [],
      employee: 'li',
      state: n < 3 ? 'sending' : 'waiting',
      about: null,
      result: null,
      epoch: null,
      attention: 0,
    })
  }
  put('meta', { key: 'next_seq', value: MANY + 1 })
  put('meta', { key: 'epoch', value: epoch })
  put('meta', { key: 'me', value: { id: 'li', name: 'li' } })
  put('drafts', { key: 'li/order/new', value: { lines: [1] }, at: 0 })
  put('blobs', {
    photo_id: 'p1',
    sha256: 'h1',
    size: 3,
    mime: 'image/jpeg',
    state: 'waiting',
    attempts: 0,
    employee: 'li',
    added_at: 0,
    next_at: 0,
    capture: null,
    signature: null,
    verdict: null,
  })
  put('bytes', { photo_id: 'p1', bytes: new Uint8Array([255, 216, 1]).buffer, thumbnail: null })
  await new Promise((resolve) => (tx.oncomplete = resolve))
  db.close()
}

it('an answer counts only in the epoch it was given in, however far the new one is', () => {
  const op = { state: 'done', epoch: 'before', result: { status: 'applied', position: 5 } } as unknown as OutboxOp
  expect(isSettled(op, { epoch: 'before', position: 5 })).toBe(true)
  expect(isSettled(op, { epoch: 'before', position: 4 })).toBe(false)
  expect(isSettled(op, { epoch: 'after', position: 5_000 })).toBe(false)
})

describe('an outbox of the first build', () => {
  it('is delivered whole by this one, in order, and stays what it was', async () => {
    const server = new ModelServer()
    server.customer('wang', { name: '王记超市', mobile: '138' }, 'li')
    const arrived: number[] = []
    server.commands.set('customer.rename', () => ({}))
    server.before = (request) => {
      if (request.path === '/sync/v1/push') {
        arrived.push(...(request.json() as { ops: Array<{ seq: number }> }).ops.map(({ seq }) => seq))
      }
      return null
    }
    const phone = new Phone(server)
    await firstBuild(phone.factory, server.epoch)
    await phone.start()
    expect(await phone.engine.draft('order/new')).toEqual({ lines: [1] })
    await phone.engine.syncNow()
    await phone.engine.syncNow()
    expect(arrived).toEqual(Array.from({ length: MANY }, (_, n) => n + 1))
    expect(server.row('customer', 'wang')).toMatchObject({ mobile: `${MANY - 2}` })
    expect(server.blobs.get('h1')).toBe(1)
    expect(await phone.engine.outboxItems()).toEqual([])
    expect(phone.engine.status.value).toMatchObject({ state: 'idle', waiting: 0, blobs: 0 })

    // An old build may be brought back by the browser's cache: it must be able to open it.
    const op = await phone.engine.submit('customer.edit', { id: 'wang', set: { mobile: [`${MANY - 2}`, '139'] } })
    expect(op.seq).toBe(MANY + 1)
    phone.engine.stop()
    const db = await open(phone.factory)
    expect(db.version).toBe(10)
    const tx = db.transaction([...db.objectStoreNames], 'readonly')
    const shape = [...db.objectStoreNames].map((name) => {
      const store = tx.objectStore(name)
      const indexes = [...store.indexNames].map((index) => [index, store.index(index).keyPath])
      return [name, { key: store.keyPath, indexes: indexes.sort() }]
    })
    const wanted = Object.entries(FIRST).map(([name, { key, indexes }]) => [name, { key, indexes: indexes.sort() }])
    expect(Object.fromEntries(shape)).toEqual(Object.fromEntries(wanted))
    db.close()
  })
})
