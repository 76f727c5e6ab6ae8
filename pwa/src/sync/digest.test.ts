/** A cache that differs is repaired by what differs; a restored server gets back what it lost. */

import { describe, expect, it } from 'vitest'
import type { Stores } from './stores'
import { Phone } from './testing/phone'
import { ModelServer } from './testing/server'
import type { Row } from './types'

const DAY = 24 * 3_600_000

interface Company {
  server: ModelServer
  phone: Phone
  stores: () => Stores
}

async function company(customers = 40): Promise<Company> {
  const server = new ModelServer()
  for (let n = 0; n < customers; n++) {
    const id = `c${n.toString(16).padStart(3, '0')}`
    server.customer(id, { name: `店${n}`, mobile: '138' }, 'li')
  }
  server.desk(() => server.put('notice', 'company', { id: 'n1', name: '放假' }))
  const phone = new Phone(server)
  await phone.ready()
  return { server, phone, stores: () => (phone.engine as unknown as { stores: Stores }).stores }
}

const digests = (server: ModelServer): number => server.requests.filter((path) => path.endsWith('/digest')).length

/** The clock of the server goes on; the phone's stays where it is. */
function later(server: ModelServer, ms: number): void {
  server.serverTime = new Date(Date.parse(server.serverTime) + ms).toISOString()
}

async function equal({ server, phone }: Company): Promise<void> {
  const held = await phone.view()
  const plain = [...held].map(([key, row]): [string, Row] => {
    const { _op, ...rest } = row
    expect(_op, key).toBeUndefined()
    return [key, Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== null)) as Row]
  })
  expect(new Map(plain)).toEqual(server.visible(phone.employee))
}

describe('what differs', () => {
  const damages: Array<[string, (stores: Stores) => Promise<unknown>]> = [
    ['a row is missing', ({ cache }) => cache.table('customer').delete('c007')],
    [
      'a row is too many',
      ({ cache }) => cache.table('customer').put({ id: 'cfff', rev: 3, root: 'customer:cfff', name: '鬼' }),
    ],
    ['a row is stale', ({ cache }) => cache.table('customer').update('c009', { rev: 1, name: '旧' })],
    [
      'a root is too many',
      async ({ cache }) => {
        await cache.table('customer').put({ id: 'cabc', rev: 3, root: 'customer:cabc', name: '别人的' })
        await cache.table('visit').put({ id: 'v1', rev: 3, root: 'customer:cabc', customer_id: 'cabc' })
      },
    ],
    [
      'a type nobody knows has rows',
      ({ cache }) => cache.strangers.put({ type: 'ghost', id: 'g1', rev: 1, root: 'company' }),
    ],
    ['everything is missing', ({ cache }) => Promise.all([...cache.types].map((type) => cache.table(type).clear()))],
  ]
  it.each(damages)('%s: it is repaired, once a day', async (_name, damage) => {
    const here = await company()
    await damage(here.stores())
    await here.phone.engine.syncNow()
    expect(digests(here.server)).toBe(0)
    later(here.server, DAY)
    await here.phone.engine.syncNow()
    await equal(here)
    expect(await here.stores().cache.strangers.count()).toBe(0)
    const asked = digests(here.server)
    await here.phone.engine.syncNow()
    expect(digests(here.server)).toBe(asked)
  })

  it('comes in parts, and only what differs is asked for', async () => {
    const here = await company(200)
    here.server.digestSize = 20
    await here.stores().cache.table('customer').clear()
    later(here.server, DAY)
    await here.phone.engine.syncNow()
    await equal(here)
    expect(digests(here.server)).toBeGreaterThan(3)
  })

  it('a type of many rows is divided by two digits', async () => {
    const here = await company(2_300)
    await here.stores().cache.table('customer').delete('c007')
    later(here.server, DAY)
    const shards: unknown[] = []
    here.server.afterwards = async (request, response) => {
      if (request.path.endsWith('/digest'))
        shards.push(((await response.clone().json()) as { shards: unknown }).shards)
      return response
    }
    await here.phone.engine.syncNow()
    expect(shards).toEqual([[['customer', '07']]])
    await equal(here)
  })

  it('unsent work on a repaired row survives, shows all the time and arrives', async () => {
    const here = await company()
    const { server, phone } = here
    const cache = here.stores().cache
    const shadow = await cache.table('customer').get('c007')
    const push = { lost: true }
    server.before = (request) =>
      request.path.endsWith('/push') && push.lost ? new Response('', { status: 500 }) : null
    await phone.engine.submit('customer.edit', { id: 'c007', set: { mobile: ['138', '139'] } })
    await phone.engine.submit('customer.create', { id: 'c0ff', values: { name: '新店' } })
    await phone.engine.submit('customer.delete', { id: 'c008' })
    await cache.shadow.put({ type: 'customer', id: 'c007', row: { ...shadow!, rev: 1, name: '旧' } })
    const seen = new Set<unknown>()
    phone.engine.onChanges(() => void phone.engine.get('customer', 'c007').then((row) => seen.add(row?.mobile)))
    await here.stores().digester.run()
    const names = async (id: string) => (await phone.engine.get('customer', id))?.name
    expect([await names('c007'), await names('c0ff'), await names('c008')]).toEqual(['店7', '新店', undefined])
    expect(phone.engine.status.value.waiting).toBe(3)
    push.lost = false
    await phone.engine.syncNow()
    expect([...seen]).toEqual(['139'])
    await equal(here)
  })

  it('unsent work makes no difference by itself', async () => {
    const { server, phone, stores } = await company()
    await phone.engine.submit('customer.edit', { id: 'c007', set: { mobile: ['138', '139'] } })
    await phone.engine.submit('customer.create', { id: 'c0ff', values: { name: '新店' } })
    await phone.engine.submit('customer.delete', { id: 'c008' })
    server.afterwards = async (request, response) => {
      if (request.path.endsWith('/digest')) {
        expect(((await response.clone().json()) as { shards: unknown[] }).shards).toEqual([])
      }
      return response
    }
    await stores().digester.run()
    expect(digests(server)).toBe(1)
  })
})

describe('when', () => {
  it('the phone’s clock a year off neither stops it nor runs it every time', async () => {
    const { server, phone } = await company()
    for (const skew of [365 * DAY, -365 * DAY, 0]) {
      phone.skew = skew
      await phone.restart()
      await phone.engine.syncNow()
    }
    expect(digests(server)).toBe(0)
    later(server, DAY)
    await phone.engine.syncNow()
    await phone.engine.syncNow()
    expect(digests(server)).toBe(1)
  })

  it('a cold start that is not finished is not compared', async () => {
    const server = new ModelServer()
    for (let n = 0; n < 10; n++) server.customer(`c${n}`, { name: `${n}` }, 'li')
    server.pageSize = 2
    const phone = new Phone(server)
    let pulls = 0
    server.before = (request) => {
      later(server, DAY)
      return request.path.endsWith('/pull') && ++pulls > 2 ? new Response('', { status: 502 }) : null
    }
    await phone.ready()
    expect(digests(server)).toBe(0)
  })

  it('tombstones were missed: what lingers is found, and the cache is not thrown away', async () => {
    const here = await company()
    const { server, phone } = here
    server.desk(() => server.remove('customer', 'c003'))
    server.cells.delete('customer/c003')
    server.floor = server.position
    let reset = false
    server.afterwards = async (request, response) => {
      if (request.path.endsWith('/pull')) {
        reset ||= ((await response.clone().json()) as { reset?: boolean }).reset === true
      }
      return response
    }
    await phone.engine.syncNow()
    expect(reset).toBe(false)
    expect(digests(server)).toBe(1)
    await equal(here)
    await phone.engine.syncNow()
    expect(digests(server)).toBe(1)
  })

  it('a comparison the server fails at alarms nobody and is tried later', async () => {
    const { server, phone } = await company()
    server.before = (request) => (request.path.endsWith('/digest') ? new Response('', { status: 500 }) : null)
    later(server, DAY)
    await phone.engine.syncNow()
    await phone.engine.syncNow()
    expect(phone.engine.status.value.state).toBe('idle')
    expect(digests(server)).toBe(1)
    phone.monotonic += 16 * 60_000
    server.before = null
    await phone.engine.syncNow()
    expect(digests(server)).toBe(2)
  })

  it('a page stored meanwhile by another tab ends it, and nothing older is stored', async () => {
    const here = await company()
    const { server, phone } = here
    await here.stores().cache.table('customer').delete('c007')
    later(server, DAY)
    const other = phone.tab()
    await other.start()
    let once = true
    server.afterwards = async (request, response) => {
      if (request.path.endsWith('/digest') && once) {
        once = false
        server.customer('c009', { name: '新名字' })
        await other.engine.syncNow()
      }
      return response
    }
    await phone.engine.syncNow()
    await phone.engine.syncNow()
    await equal(here)
  })
})

describe('the server is restored from a backup', () => {
  it('everything acknowledged since comes back, nothing flickers, and the user is told', async () => {
    const here = await company()
    const { server, phone } = here
    await phone.engine.submit('customer.edit', { id: 'c001', set: { mobile: ['138', '100'] } })
    await phone.engine.syncNow()
    const restore = server.backup()
    await phone.engine.submit('customer.edit', { id: 'c007', set: { mobile: ['138', '139'] } })
    await phone.engine.submit('customer.create', { id: 'c0ff', values: { name: '新店' } })
    await phone.engine.submit('customer.delete', { id: 'c008' })
    await phone.engine.syncNow()
    server.customer('cfee', { name: '备份之后的别人的店' }, 'li')
    await phone.engine.syncNow()
    restore()
    const seen = new Set<string>()
    phone.engine.onChanges(() => {
      void Promise.all(['c001', 'c007', 'c0ff', 'c008'].map((id) => phone.engine.get('customer', id))).then((rows) =>
        seen.add(rows.map((row) => row?.mobile ?? row?.name).join()),
      )
    })
    const before = server.requests.length
    await phone.engine.syncNow()
    await equal(here)
    expect([...seen]).toEqual(['100,139,新店,'])
    expect(await phone.engine.get('customer', 'cfee')).toBeUndefined()
    expect([...server.effects.values()].every((count) => count === 1)).toBe(true)
    expect(await phone.engine.restored()).toMatchObject({ sent: 3 })
    expect(await phone.engine.outboxItems()).toEqual([])
    expect(server.requests.slice(before).filter((path) => path.endsWith('/digest'))).toHaveLength(1)
    await phone.engine.dismissRestored()
    expect(await phone.engine.restored()).toBeUndefined()
  })

  it.each([365, -365])('what was delivered while the clock was %i days off comes back, too', async (days) => {
    const here = await company()
    const { server, phone } = here
    const restore = server.backup()
    phone.skew = days * 24 * 3_600_000
    await phone.engine.submit('customer.create', { id: 'c0f1', values: { name: '一' } })
    await phone.engine.syncNow()
    phone.skew = 0
    await phone.engine.submit('customer.create', { id: 'c0f2', values: { name: '二' } })
    await phone.engine.syncNow()
    phone.skew = -days * 24 * 3_600_000
    await phone.engine.submit('customer.create', { id: 'c0f3', values: { name: '三' } })
    await phone.engine.syncNow()
    restore()
    await phone.engine.syncNow()
    await equal(here)
    for (const id of ['c0f1', 'c0f2', 'c0f3']) expect(server.row('customer', id)).toMatchObject({ id })
  })

  it.each(['page:before', 'page:stored', 'push:answered', 'digest:answered', 'digest:stored'])(
    'the phone dies at %s while it repairs',
    async (point) => {
      const here = await company()
      const { server, phone } = here
      const restore = server.backup()
      await phone.engine.submit('customer.edit', { id: 'c007', set: { mobile: ['138', '139'] } })
      await phone.engine.syncNow()
      restore()
      phone.killAt = point
      await phone.engine.syncNow().catch(() => {})
      await phone.restart()
      expect(await phone.engine.get('customer', 'c007')).toMatchObject({ mobile: '139' })
      await phone.engine.syncNow()
      await equal(here)
      expect(server.row('customer', 'c007')).toMatchObject({ mobile: '139' })
      expect(await phone.engine.outboxItems()).toEqual([])
    },
  )

  it('twice, the second time before the phone has noticed the first', async () => {
    const here = await company()
    const { server, phone } = here
    const restore = server.backup()
    await phone.engine.submit('customer.edit', { id: 'c007', set: { mobile: ['138', '139'] } })
    await phone.engine.syncNow()
    restore()
    const first = server.past
    server.backup()()
    server.past = { ...first, ...server.past }
    await phone.engine.syncNow()
    await equal(here)
    expect(server.row('customer', 'c007')).toMatchObject({ mobile: '139' })
  })

  it('a customer given away after the backup is held again, one received is gone', async () => {
    const here = await company()
    const { server, phone } = here
    server.customer('cbbb', { name: '同事的店' }, 'zhao')
    const restore = server.backup()
    server.desk(() => {
      server.grant('li', 'customer:c005', false)
      server.grant('li', 'customer:cbbb')
    })
    await phone.engine.syncNow()
    expect(await phone.engine.get('customer', 'c005')).toBeUndefined()
    expect(await phone.engine.get('customer', 'cbbb')).toBeDefined()
    restore()
    await phone.engine.syncNow()
    await equal(here)
    const roots = new Map((await here.stores().cache.roots.toArray()).map(({ root, held }) => [root, held]))
    expect([roots.get('customer:c005'), roots.get('customer:cbbb')]).toEqual([1, 0])
  })

  describe('what stands on something rejected before the backup was put back', () => {
    const visit = { id: 'v1', values: { customer_id: 'c001', name: '首访' } }

    it('is sent again with it', async () => {
      const here = await company()
      const { server, phone } = here
      const restore = server.backup()
      const bad = await phone.engine.submit('customer.create', { id: 'cbad', values: { name: 'forbidden' } })
      await phone.engine.submit('visit.create', visit, { needs: [bad.id] })
      await phone.engine.syncNow()
      restore()
      await phone.engine.syncNow()
      const [, second] = await phone.engine.needsYou()
      await phone.engine.retry(second!.id)
      await phone.engine.syncNow()
      const needsYou = await phone.engine.needsYou()
      expect(needsYou.map((op) => op.result?.code)).toEqual(['name_forbidden', 'needs_rejected'])
      expect(needsYou[1]!.needs).toEqual([needsYou[0]!.id])
      expect([...server.results.values()].filter(({ code }) => code === 'needs_missing')).toEqual([])
      await equal(here)
    })

    it('stands on nothing when that was given up', async () => {
      const here = await company()
      const { server, phone } = here
      const restore = server.backup()
      const bad = await phone.engine.submit('customer.create', { id: 'cbad', values: { name: 'forbidden' } })
      const second = await phone.engine.submit('visit.create', visit, { needs: [bad.id] })
      await phone.engine.syncNow()
      await phone.engine.discard(bad.id)
      restore()
      await phone.engine.syncNow()
      await phone.engine.retry(second.id)
      await phone.engine.syncNow()
      expect(server.row('visit', 'v1')).toMatchObject({ name: '首访' })
      expect(await phone.engine.outboxItems()).toEqual([])
      await equal(here)
    })

    it.each(['kept', 'given up'])('is rejected like that, sent only afterwards (%s)', async (what) => {
      const here = await company()
      const { server, phone } = here
      const restore = server.backup()
      const bad = await phone.engine.submit('customer.create', { id: 'cbad', values: { name: 'forbidden' } })
      await phone.engine.syncNow()
      restore()
      await phone.engine.syncNow()
      const second = await phone.engine.submit('visit.create', visit, { needs: [bad.id] })
      if (what === 'given up') await phone.engine.discard(bad.id)
      await phone.engine.syncNow()
      const op = (await phone.engine.outboxItems()).find(({ id }) => id === second.id)
      expect(op).toMatchObject({ attention: 1, result: { code: 'needs_rejected', detail: { op: bad.id } } })
      await equal(here)
      if (what === 'kept') await phone.engine.discard(bad.id)
      await phone.engine.retry(second.id)
      await phone.engine.syncNow()
      expect(server.row('visit', 'v1')).toMatchObject({ name: '首访' })
      expect(await phone.engine.outboxItems()).toEqual([])
    })

    it('waits on as long as that is still to be sent', async () => {
      const { server, phone } = await company()
      const first = await phone.engine.submit('visit.create', { ...visit, id: 'v0' })
      const second = await phone.engine.submit('visit.create', visit, { needs: [first.id] })
      server.mostOps = 1
      server.before = ({ path, json }) => {
        const ops = path.endsWith('/push') ? (json() as { ops: Array<{ id: string }> }).ops : []
        return ops.length === 1 && ops[0]!.id === first.id ? new Response('{}', { status: 500 }) : null
      }
      await phone.engine.syncNow()
      const held = (await phone.engine.outboxItems()).find(({ id }) => id === second.id)
      expect(held?.result).toMatchObject({ status: 'held', code: 'needs_missing' })
      server.before = null
      phone.skew += 61_000
      await phone.engine.syncNow()
      expect(server.row('visit', 'v1')).toMatchObject({ name: '首访' })
      expect(await phone.engine.outboxItems()).toEqual([])
    })
  })

  it('what was being sent again when that happened stays', async () => {
    const here = await company()
    const { server, phone } = here
    const restore = server.backup()
    server.desk(() => {
      for (const key of server.visible('li').keys()) {
        if (!key.startsWith('customer/')) continue
        for (const live of [false, true]) server.grant('li', key.replace('/', ':'), live)
      }
    })
    server.pageSize = 2
    phone.killAt = 'page:stored'
    await phone.engine.syncNow().catch(() => {})
    expect(await here.stores().cache.stale.count()).toBeGreaterThan(30)
    await phone.restart()
    restore()
    phone.killAt = 'page:stored'
    await phone.engine.syncNow().catch(() => {})
    expect((await phone.view()).size, 'nothing blinks').toBe(server.visible('li').size)
    await phone.restart()
    await phone.engine.syncNow()
    await equal(here)
  })

  it('customers of which nothing had come yet are not believed to be held', async () => {
    const here = await company()
    const { server, phone } = here
    const restore = server.backup()
    for (const id of ['cbb1', 'cbb2', 'cbb3']) server.customer(id, { name: '同事的店' }, 'li')
    server.pageSize = 2
    phone.killAt = 'page:stored'
    await phone.engine.syncNow().catch(() => {})
    await phone.restart()
    restore()
    await phone.engine.syncNow()
    await equal(here)
    const held = (await here.stores().cache.roots.toArray()).filter((row) => row.held === 1)
    expect(held.filter(({ root }) => root.startsWith('customer:cbb'))).toEqual([])
  })
})
