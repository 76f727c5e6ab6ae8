/** What changes under a phone that lives long: columns and types of the server, customers that change hands, an identity
 * that turns out to be shared; and the file that gets work out of it. */

import { readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { exportOutbox, type OutboxExport } from './export'
import { Killed, DECLARATIONS, Phone } from './testing/phone'
import type { Stores } from './stores'
import { ModelServer } from './testing/server'
import type { Declarations } from './types'

const WANG = '0190f2c4-0000-7000-8000-00000000aaaa'
const ZHAO = '0190f2c4-0000-7000-8000-00000000bbbb'

async function company(): Promise<{ server: ModelServer; phone: Phone }> {
  const server = new ModelServer()
  server.customer(WANG, { name: '王记超市', mobile: '138', grade: 'A' }, 'li')
  server.customer(ZHAO, { name: '赵记', mobile: '137', grade: null }, 'li')
  const phone = new Phone(server)
  await phone.ready()
  return { server, phone }
}

const withGrade = (server: ModelServer): void => {
  server.columns = { ...server.columns, customer: [...server.columns['customer']!, 'grade'] }
}
const fills = (server: ModelServer): number => server.requests.filter((line) => line.endsWith('/fill')).length

describe('a new column', () => {
  it('comes to rows that nobody has written since, without a full reload', async () => {
    const { server, phone } = await company()
    expect(await phone.engine.get('customer', WANG)).not.toHaveProperty('grade')
    withGrade(server)
    let rows = 0
    server.afterwards = async (request, response) => {
      if (request.path === '/sync/v1/pull')
        rows += JSON.stringify(await response.clone().json()).split('王记').length - 1
      return response
    }
    await phone.engine.syncNow()
    expect(await phone.engine.get('customer', WANG)).toMatchObject({ grade: 'A', name: '王记超市', mobile: '138' })
    expect(rows).toBe(0)
    expect(fills(server)).toBe(1)
    await phone.engine.syncNow()
    await phone.restart()
    await phone.engine.syncNow()
    expect(fills(server)).toBe(1)
  })

  it('comes under an edit that waits, which stays on top', async () => {
    const { server, phone } = await company()
    await phone.engine.submit('customer.edit', { id: WANG, set: { mobile: ['138', '139'] } })
    withGrade(server)
    server.before = (request) => (request.path === '/sync/v1/push' ? new Response('', { status: 503 }) : null)
    await phone.engine.syncNow()
    expect(await phone.engine.get('customer', WANG)).toMatchObject({ grade: 'A', mobile: '139' })
    server.before = null
    await phone.engine.syncNow()
    expect(await phone.engine.get('customer', WANG)).toMatchObject({ grade: 'A', mobile: '139' })
    expect(server.row('customer', WANG)).toMatchObject({ mobile: '139' })
  })

  it.each(['fill:answered', 'fill:stored'])('is there in the end when the tab is killed at %s', async (point) => {
    const { server, phone } = await company()
    for (let n = 0; n < 5; n++) {
      server.customer(`0190f2c4-0000-7000-8000-00000000000${n}`, { name: `${n}`, grade: `G${n}` }, 'li')
    }
    await phone.engine.syncNow()
    withGrade(server)
    server.pageSize = 2
    phone.killAt = point
    phone.killAfter = point === 'fill:answered' ? 1 : 0
    await expect(phone.engine.syncNow()).rejects.toThrow(Killed)
    await phone.restart()
    await phone.engine.syncNow()
    for (const row of await phone.engine.rows('customer')) {
      expect(row['grade'] ?? null).toBe(server.row('customer', row.id)!['grade'])
    }
  })

  it('a row that changed meanwhile comes with a pull, not half', async () => {
    const { server, phone } = await company()
    withGrade(server)
    server.before = (request) => {
      if (request.path === '/sync/v1/fill') server.customer(WANG, { name: '王记新店', grade: 'B' })
      return null
    }
    await phone.engine.syncNow()
    expect(await phone.engine.get('customer', WANG)).toMatchObject({ name: '王记超市' })
    server.before = null
    await phone.engine.syncNow()
    expect(await phone.engine.get('customer', WANG)).toMatchObject({ name: '王记新店', grade: 'B' })
  })

  it('that cannot be had now is no trouble, and is asked for again', async () => {
    const { server, phone } = await company()
    withGrade(server)
    server.before = (request) => (request.path === '/sync/v1/fill' ? new Response('{}', { status: 500 }) : null)
    await phone.engine.syncNow()
    expect(phone.engine.status.value.state).toBe('idle')
    server.before = null
    await phone.engine.syncNow()
    expect(await phone.engine.get('customer', WANG)).toMatchObject({ grade: 'A' })
  })
})

describe('what is no more, and what is new', () => {
  it('a column that disappears leaves the phone', async () => {
    const { server, phone } = await company()
    server.columns = { ...server.columns, customer: ['name', 'number', 'customer_id'] }
    await phone.engine.syncNow()
    const row = (await phone.engine.get('customer', WANG))!
    expect(row['name']).toBe('王记超市')
    expect(row).not.toHaveProperty('mobile')
  })

  it('a type that the app does not know yet is kept, and shown after the update', async () => {
    const { server, phone } = await company()
    const root = `customer:${WANG}`
    server.desk(() => server.put('task', root, { id: 'task-1', name: '回访' }))
    server.columns = { ...server.columns, task: ['name', 'customer_id'] }
    await phone.engine.syncNow()
    const task: Declarations['records'] = {
      task: { root: 'customer:customer_id', fields: [{ name: 'name', kind: 'text' }] },
    }
    const updated = new Phone(server, 'li', { ...DECLARATIONS, records: { ...DECLARATIONS.records, ...task } })
    phone.engine.stop()
    updated.factory = phone.factory
    await updated.start()
    expect(await updated.engine.get('task', 'task-1')).toMatchObject({ name: '回访', root })
    server.columns = { ...server.columns, task: ['name', 'customer_id', 'mobile'] }
    server.desk(() => server.put('task', root, { id: 'task-2', name: '收款', mobile: '1' }))
    await updated.engine.syncNow()
    expect((await updated.engine.rows('task')).map((row) => row['name'])).toEqual(['回访', '收款'])
  })

  it('rows of a type that was not synced before come whole', async () => {
    const { server, phone } = await company()
    const cells = server.cells
    cells.set('task/task-1', {
      row: { id: 'task-1', rev: 1, root: `customer:${WANG}`, name: '回访' },
      root: `customer:${WANG}`,
      position: 0,
    })
    server.columns = { ...server.columns, task: ['name'] }
    await phone.engine.syncNow()
    const task: Declarations['records'] = { task: { root: 'company', fields: [{ name: 'name', kind: 'text' }] } }
    const updated = new Phone(server, 'li', { ...DECLARATIONS, records: { ...DECLARATIONS.records, ...task } })
    phone.engine.stop()
    updated.factory = phone.factory
    await updated.start()
    expect(await updated.engine.get('task', 'task-1')).toMatchObject({ name: '回访', root: `customer:${WANG}` })
  })
})

describe('a customer that changes hands', () => {
  const photo = (n: number, customer_id: string) => ({
    photo_id: `photo${n}`,
    sha256: `hash${n}`,
    bytes: new Uint8Array([255, 216, n]).buffer,
    thumbnail: new Uint8Array([n]).buffer,
    capture: JSON.stringify({ customer_id }),
  })

  it('leaves with everything but unsent work, which is marked and delivered', async () => {
    const { server, phone } = await company()
    const { engine } = phone
    server.commands.set('photo.attach', () => ({}))
    for (const [n, customer] of [WANG, ZHAO].entries()) {
      await engine.submit('photo.attach', { id: `photo${n}` }, { photos: [photo(n, customer)] })
    }
    await engine.syncNow()
    await engine.keepAnswer('team/today', { behind: [{ customer_id: WANG }] })
    await engine.keepAnswer(`/api/customers/${WANG}`, {})
    await engine.keepAnswer('/api/orders', { items: [{ customer_id: ZHAO }] })
    await engine.saveDraft(`order/new/${WANG}`, { lines: [] })
    await engine.saveDraft('order/new/other', { customer: ZHAO })
    server.commands.set('visit.create', () => ({}))
    await engine.submit('visit.create', { id: 'v1', values: { customer_id: WANG, name: '拜访' } })
    await engine.submit('photo.attach', { id: 'photo7' }, { photos: [photo(7, WANG)] })

    server.desk(() => server.grant('li', `customer:${WANG}`, false))
    server.before = (request) => {
      if (request.path.startsWith('/media')) throw new TypeError('connection reset')
      return request.path === '/sync/v1/push' ? new Response('', { status: 503 }) : null
    }
    await engine.syncNow()
    expect(await engine.get('customer', WANG)).toBeUndefined()
    expect(await engine.get('customer', ZHAO)).toBeDefined()
    expect(await engine.keptAnswer('team/today')).toBeUndefined()
    expect(await engine.keptAnswer(`/api/customers/${WANG}`)).toBeUndefined()
    expect(await engine.keptAnswer('/api/orders')).toBeDefined()
    expect(await engine.picture('photo0')).toBeNull()
    expect(await engine.picture('photo1')).not.toBeNull()
    expect(await engine.picture('photo7')).not.toBeNull()
    expect(await engine.draft(`order/new/${WANG}`)).toEqual({ lines: [] })
    expect(await engine.draftLost(`order/new/${WANG}`)).toBe(true)
    expect(await engine.draftLost('order/new/other')).toBe(false)
    const items = await engine.outboxItems()
    expect(items.find((op) => op.command === 'visit.create')).toMatchObject({
      state: 'waiting',
      problem: 'root_lost',
    })

    server.before = null
    await engine.syncNow()
    await engine.syncNow()
    expect(await engine.outboxItems()).toEqual([])
    expect(server.blobs.get('hash7')).toBe(1)
    expect(await engine.picture('photo7')).toBeNull()
  })

  it('leaves with its rows of types this build does not know', async () => {
    const { server, phone } = await company()
    server.desk(() => {
      for (const [id, root] of [
        ['task-1', WANG],
        ['task-2', ZHAO],
      ]) {
        server.put('task', `customer:${root}`, { id: id!, name: '回访' })
      }
    })
    await phone.engine.syncNow()
    const { cache } = (phone.engine as unknown as { stores: Stores }).stores
    expect(await cache.strangers.count()).toBe(2)
    server.desk(() => server.grant('li', `customer:${WANG}`, false))
    await phone.engine.syncNow()
    expect((await cache.strangers.toArray()).map(({ id }) => id)).toEqual(['task-2'])
  })

  it('leaves nothing behind when the tab is killed between rows and the rest', async () => {
    const { server, phone } = await company()
    await phone.engine.keepAnswer(`/api/customers/${WANG}`, {})
    server.desk(() => server.grant('li', `customer:${WANG}`, false))
    phone.killAt = 'page:stored'
    await expect(phone.engine.syncNow()).rejects.toThrow(Killed)
    await phone.restart()
    expect(await phone.engine.keptAnswer(`/api/customers/${WANG}`)).toBeUndefined()
  })

  it.each([null, 'page:stored'])('leaves with the pictures that were kept of it (killed at: %s)', async (point) => {
    const fields = [{ name: 'customer_id', kind: 'ref', ref: 'customer' }]
    const records = { ...DECLARATIONS.records, photo: { root: 'customer:customer_id', fields } }
    const server = new ModelServer()
    server.columns = { ...server.columns, photo: ['customer_id'] }
    for (const [id, customer_id] of Object.entries({ p1: WANG, p2: ZHAO })) {
      server.customer(customer_id, { name: id }, 'li')
      server.desk(() => server.put('photo', `customer:${customer_id}`, { id, customer_id }))
    }
    const phone = new Phone(server, 'li', { ...DECLARATIONS, records })
    await phone.ready()
    for (const id of ['p1', 'p2']) phone.pictures.add(id)
    await phone.engine.syncNow()
    expect([...phone.pictures]).toEqual(['p1', 'p2'])

    server.desk(() => server.grant('li', `customer:${WANG}`, false))
    phone.killAt = point
    if (point === null) await phone.engine.syncNow()
    else {
      await expect(phone.engine.syncNow()).rejects.toThrow(Killed)
      expect([...phone.pictures]).toEqual(['p1', 'p2'])
      await phone.restart()
    }
    expect([...phone.pictures]).toEqual(['p2'])
  })
})

describe('two phones with one identity', () => {
  it('ask for a login, which gives a new identity; the outbox stays and nothing is done twice', async () => {
    const { server, phone } = await company()
    const { engine } = phone
    const old = engine.device.device
    await engine.submit('customer.edit', { id: WANG, set: { mobile: ['138', '139'] } })
    server.clone = true
    await engine.syncNow()
    expect(engine.status.value).toMatchObject({ state: 'needs_login', problem: { code: 'cloned_device' } })
    expect(server.row('customer', WANG)).toMatchObject({ mobile: '139' })
    expect(engine.device.device).toBe(old)
    phone.isOnline = false
    await engine.submit('customer.edit', { id: ZHAO, set: { mobile: ['137', '136'] } })
    phone.isOnline = true
    const { device, publicKey } = await engine.enrolment()
    expect(device).not.toBe(old)
    expect(await engine.enrolment()).toMatchObject({ device, publicKey })
    server.clone = false
    await engine.loggedIn({ id: 'li', name: 'li' })
    await engine.syncNow()
    expect(engine.status.value.state).toBe('idle')
    expect(await engine.outboxItems()).toEqual([])
    expect(server.row('customer', ZHAO)).toMatchObject({ mobile: '136' })
    for (const count of server.effects.values()) expect(count).toBe(1)
    await phone.restart()
    expect(phone.engine.device.device).toBe(device)
  })
})

describe('the exported outbox', () => {
  /** The server's tests read what this build writes; `UPDATE=1` writes it anew. */
  const FIXTURE = fileURLToPath(new URL('../../../tests/sync/outbox_export.json', import.meta.url))

  it('is what the server imports', async () => {
    const { phone } = await company()
    const { engine } = phone
    await engine.submit('customer.create', { id: WANG, values: { name: '王记超市', mobile: '13800000001' } })
    const id = '0190f2c4-0000-7000-8000-00000000cccc'
    await engine.submit('contact.create', { id, values: { customer_id: WANG, name: '李会计' } })
    const [main] = await engine.exportWaiting()
    const file = JSON.parse(main!.parts.join('')) as OutboxExport
    const same: OutboxExport = {
      ...file,
      app: '0.1.0',
      schema: 2,
      device: { id: '0190f2c4-0000-7000-8000-00000000dddd' },
      employee: { id: 'li', name: '张三' },
      exported_at: '2026-11-21T12:00:00.000Z',
      ops: file.ops.map((op, n) => ({
        ...op,
        id: `0190f2c4-0000-7000-8000-00000000eee${n}`,
        at: '2026-11-21T08:00:00.000Z',
        base: null,
      })),
    }
    const text = `${JSON.stringify(same, null, 2)}\n`
    if (process.env['UPDATE']) await writeFile(FIXTURE, text)
    expect(await readFile(FIXTURE, 'utf-8')).toBe(text)
  })

  it('has what was refused or waits for somebody, too, and nothing that is done', async () => {
    const { server, phone } = await company()
    const { engine } = phone
    server.commands.set('drone.fly', () => null)
    await engine.submit('drone.fly', { id: 'x' })
    await engine.submit('customer.edit', { id: WANG, set: { mobile: ['138', '139'] } })
    await engine.syncNow()
    const later = await engine.submit('customer.edit', { id: ZHAO, set: { mobile: ['137', '136'] } })
    const [main] = await engine.exportWaiting()
    const file = JSON.parse(main!.parts.join('')) as OutboxExport
    expect(file.ops.map(({ command, result }) => [command, result?.status ?? null])).toEqual([
      ['drone.fly', 'held'],
      ['customer.edit', null],
    ])
    expect(file.ops[1]!.id).toBe(later.id)
  })

  it('keeps pictures that are too large for it beside it', async () => {
    const { phone } = await company()
    const outbox = (phone.engine as unknown as { stores: { outbox: Parameters<typeof exportOutbox>[0] } }).stores
      .outbox
    for (const n of [1, 2, 3]) {
      const bytes = new Uint8Array(n === 2 ? 100 : 10).fill(n).buffer
      await phone.engine.submit(
        'photo.attach',
        { id: `p${n}` },
        { photos: [{ photo_id: `p${n}`, sha256: `h${n}`, bytes }] },
      )
    }
    const about = { device: 'd', employee: { id: 'li', name: '李' }, app: '1', schema: 2, now: 0, room: 50 }
    const [main, ...beside] = await exportOutbox(outbox, about)
    const file = JSON.parse(main!.parts.join('')) as OutboxExport
    expect(file.photos.map(({ sha256, bytes }) => [sha256, bytes !== null])).toEqual([
      ['h1', true],
      ['h2', false],
      ['h3', true],
    ])
    expect(beside.map(({ name, parts }) => [name, (parts[0] as ArrayBuffer).byteLength])).toEqual([['h2.jpg', 100]])
  })
})
