/** Everything that goes wrong between a phone and its company; the user's work survives all of it. */

import { describe, expect, it, vi } from 'vitest'
import type { Cache } from './cache'
import type { Stores } from './stores'
import { Killed, Phone } from './testing/phone'
import { ModelServer, problem } from './testing/server'
import type { OpResult, PushAnswer } from './types'

async function company(): Promise<{ server: ModelServer; phone: Phone }> {
  const server = new ModelServer()
  server.customer('wang', { name: '王记超市', mobile: '138' }, 'li')
  const phone = new Phone(server)
  await phone.ready()
  return { server, phone }
}

const mobile = (base: string, mine: string) => ({ id: 'wang', set: { mobile: [base, mine] } })
const isPush = (path: string): boolean => path === '/sync/v1/push'
const isPull = (path: string): boolean => path === '/sync/v1/pull'

async function delivered(phone: Phone, server: ModelServer, value: string): Promise<void> {
  expect(server.row('customer', 'wang')).toMatchObject({ mobile: value })
  expect(await phone.engine.get('customer', 'wang')).toMatchObject({ mobile: value })
  expect(await phone.engine.outboxItems()).toEqual([])
  for (const count of server.effects.values()) expect(count).toBe(1)
}

describe('the network', () => {
  it('loses the answer after the commit: the op is sent again and takes effect once', async () => {
    const { server, phone } = await company()
    await phone.engine.submit('customer.edit', mobile('138', '139'))
    server.afterwards = (request, response) => {
      if (isPush(request.path)) throw new TypeError('connection reset')
      return response
    }
    await phone.engine.syncNow()
    expect(phone.engine.status.value).toMatchObject({ state: 'offline', waiting: 1, sending: 0 })
    expect(await phone.engine.get('customer', 'wang')).toMatchObject({ mobile: '139' })
    server.afterwards = null
    await phone.engine.syncNow()
    await delivered(phone, server, '139')
  })

  it('answers in any order, twice, and about ops nobody asked for', async () => {
    const { server, phone } = await company()
    await phone.engine.submit('customer.edit', mobile('138', '139'))
    await phone.engine.submit('visit.create', { id: 'v1', values: { customer_id: 'wang', name: 'a' } })
    await phone.engine.submit('visit.create', { id: 'v2', values: { customer_id: 'wang', name: 'b' } })
    server.afterwards = async (request, response) => {
      if (!isPush(request.path)) return response
      const answer = (await response.json()) as PushAnswer
      const stray: OpResult = { id: 'stray', status: 'rejected', code: 'x', position: 1 }
      return Response.json({ ...answer, results: [...answer.results.reverse(), ...answer.results, stray] })
    }
    await phone.engine.syncNow()
    await delivered(phone, server, '139')
  })

  it('answers only some ops: the others wait and are sent again', async () => {
    const { server, phone } = await company()
    await phone.engine.submit('customer.edit', mobile('138', '139'))
    await phone.engine.submit('visit.create', { id: 'v1', values: { customer_id: 'wang', name: 'a' } })
    let cut = true
    server.afterwards = async (request, response) => {
      if (!isPush(request.path) || !cut) return response
      cut = false
      const answer = (await response.json()) as PushAnswer
      return Response.json({ ...answer, results: answer.results.slice(0, 1) })
    }
    await phone.engine.syncNow()
    await delivered(phone, server, '139')
  })

  it.each([
    ['a login page of the hotel', () => new Response('<html>Welcome</html>')],
    ['JSON of somebody else', () => Response.json({ hello: 'world' })],
    ['nothing', () => new Response('')],
  ])('answers with %s: that is being offline, nothing is believed', async (_name, answer) => {
    const { server, phone } = await company()
    await phone.engine.submit('customer.edit', mobile('138', '139'))
    server.before = () => answer()
    await phone.engine.syncNow()
    expect(phone.engine.status.value).toMatchObject({ state: 'offline', waiting: 1 })
    server.before = null
    await phone.engine.syncNow()
    await delivered(phone, server, '139')
  })

  it('is away: work goes on and waits, and the status says since when', async () => {
    const { server, phone } = await company()
    phone.isOnline = false
    const op = await phone.engine.submit('customer.edit', mobile('138', '139'))
    await phone.restart()
    await phone.engine.syncNow()
    expect(phone.engine.status.value).toMatchObject({ state: 'offline', waiting: 1, oldestWaitingAt: op.at })
    expect(await phone.engine.get('customer', 'wang')).toMatchObject({ mobile: '139' })
    phone.isOnline = true
    await phone.engine.syncNow()
    await delivered(phone, server, '139')
  })
})

describe('pages', () => {
  it('the result is late: a state that contains the op does not let it go, and its own edit stays', async () => {
    const { server, phone } = await company()
    await phone.engine.submit('customer.edit', mobile('138', '139'))
    let lose = true
    server.afterwards = (request, response) => {
      if (isPush(request.path) && lose) return new Response('', { status: 502 })
      return response
    }
    await phone.engine.syncNow() // the pull of this round contains the op already
    expect(await phone.engine.get('customer', 'wang')).toMatchObject({ mobile: '139' })
    expect(phone.engine.status.value.waiting).toBe(1)
    lose = false
    server.before = (request) => (isPull(request.path) ? new Response('', { status: 502 }) : null)
    await phone.engine.syncNow() // only the result arrives now; no further page is needed
    await delivered(phone, server, '139')
  })

  it('work that is done while one is stored stays on the screen', async () => {
    const { server, phone } = await company()
    const { outbox } = (phone.engine as unknown as { stores: Stores }).stores
    const all = outbox.all.bind(outbox)
    const reading = vi.spyOn(outbox, 'all').mockImplementationOnce(async () => {
      const before = await all()
      await phone.engine.submit('customer.edit', mobile('138', '139'))
      return before
    })
    server.customer('chen', { name: '陈记' }, 'li')
    phone.killAt = 'page:stored'
    await expect(phone.engine.syncNow()).rejects.toThrow(Killed)
    expect(reading.mock.calls.length).toBeGreaterThan(1)
    expect(await phone.engine.get('customer', 'chen')).toBeDefined()
    expect(await phone.engine.get('customer', 'wang')).toMatchObject({ mobile: '139' })
  })

  it('an op is let go only after the last page of a pull', async () => {
    const { server, phone } = await company()
    for (let i = 0; i < 6; i++) server.customer(`c${i}`, { name: `${i}` }, 'li')
    server.pageSize = 2
    await phone.engine.submit('customer.edit', mobile('138', '139')) // "wang" sorts last
    const seen = new Set<unknown>()
    phone.engine.onChanges(() => void phone.engine.get('customer', 'wang').then((row) => seen.add(row?.['mobile'])))
    await phone.engine.syncNow()
    expect([...seen]).toEqual(['139'])
    await delivered(phone, server, '139')
  })

  it('a page comes twice or from a pull that was overtaken: it is not stored', async () => {
    const { server, phone } = await company()
    for (let i = 0; i < 6; i++) server.customer(`c${i}`, { name: `${i}` }, 'li')
    server.pageSize = 2
    const other = phone.tab()
    await other.start()
    await Promise.all([phone.engine.syncNow(), other.engine.syncNow()])
    expect((await phone.view()).size).toBe(7)
    expect(phone.engine.status.value.state).toBe('idle')
    expect(other.engine.status.value.state).toBe('idle')
  })

  it('a row that changes behind a long pull does not make an own edit flicker', async () => {
    const { server, phone } = await company()
    for (let i = 0; i < 4; i++) server.customer(`c${i}`, { name: `${i}` }, 'li')
    server.pageSize = 2
    server.boundedPull = true
    await phone.engine.submit('customer.edit', mobile('138', '139'))
    let first = true
    server.afterwards = (request, response) => {
      // The row with our edit moves beyond the bound of the running pull.
      if (isPull(request.path) && first) {
        first = false
        server.desk(() => server.put('customer', 'customer:wang', { id: 'wang', name: '王记' }))
      }
      return response
    }
    const seen = new Set<unknown>()
    phone.engine.onChanges(() => void phone.engine.get('customer', 'wang').then((row) => seen.add(row?.['mobile'])))
    await phone.engine.syncNow()
    expect([...seen]).toEqual(['139'])
    await delivered(phone, server, '139')
  })

  it('a killed pull goes on where it was', async () => {
    const { server, phone } = await company()
    for (let i = 0; i < 10; i++) server.customer(`c${i}`, { name: `${i}` }, 'li')
    server.pageSize = 3
    phone.killAt = 'page:stored'
    phone.killAfter = 1
    await expect(phone.engine.syncNow()).rejects.toThrow(Killed)
    await phone.restart()
    server.requests.length = 0
    await phone.engine.syncNow()
    expect((await phone.view()).size).toBe(11)
    expect(server.requests.filter((line) => line.includes('pull')).length).toBe(3) // two pages, one to confirm
  })

  it('a type this build does not know is kept for the build that does', async () => {
    const { server, phone } = await company()
    server.desk(() => server.put('coupon', 'company', { id: 'k1', name: '满减' }))
    await phone.engine.syncNow()
    phone.engine.stop()
    phone.declarations.records = { ...phone.declarations.records, coupon: { root: 'company', fields: [] } }
    try {
      await phone.start()
      expect(await phone.engine.get('coupon', 'k1')).toMatchObject({ name: '满减' })
    } finally {
      delete phone.declarations.records['coupon']
    }
  })
})

describe('a customer that comes back', () => {
  const root = 'customer:wang'

  it.each([1, 2_000])(
    'is what the company has, %i rows a page: what was deleted meanwhile goes',
    async (pageSize) => {
      const { server, phone } = await company()
      server.desk(() => {
        server.put('visit', root, { id: 'v1', customer_id: 'wang', name: 'deleted meanwhile' })
        server.put('visit', root, { id: 'v2', customer_id: 'wang', name: 'stays' })
      })
      await phone.engine.syncNow()
      server.desk(() => server.grant('li', root, false))
      server.desk(() => server.remove('visit', 'v1'))
      server.desk(() => server.grant('li', root))
      server.pageSize = pageSize
      const counts = new Set<number>()
      phone.engine.onChanges(() => void phone.engine.rows('visit').then((rows) => counts.add(rows.length)))
      await phone.engine.syncNow()
      expect([...(await phone.view()).keys()].sort()).toEqual(['customer/wang', 'visit/v2'])
      expect(Math.min(...counts)).toBe(1) // nothing that stays was away in between
    },
  )

  it('also when the tab dies in the middle', async () => {
    const { server, phone } = await company()
    server.desk(() => {
      for (let i = 0; i < 6; i++) server.put('visit', root, { id: `v${i}`, customer_id: 'wang', name: `${i}` })
    })
    await phone.engine.syncNow()
    server.desk(() => server.grant('li', root, false))
    server.desk(() => server.remove('visit', 'v5'))
    server.desk(() => server.grant('li', root))
    server.pageSize = 2
    phone.killAt = 'page:settled'
    phone.killAfter = 1
    await expect(phone.engine.syncNow()).rejects.toThrow(Killed)
    await phone.restart()
    await phone.engine.syncNow()
    expect(await phone.engine.get('visit', 'v5')).toBeUndefined()
    expect(await phone.engine.rows('visit')).toHaveLength(5)
  })
})

describe('the server says no', () => {
  it('401 in the middle of a sync: everything waits, after the login it goes on', async () => {
    const { server, phone } = await company()
    await phone.engine.submit('customer.edit', mobile('138', '139'))
    server.before = () => problem(401, 'session_expired')
    await phone.engine.syncNow()
    expect(phone.engine.status.value).toMatchObject({ state: 'needs_login', waiting: 1 })
    server.before = null
    await phone.engine.loggedIn({ id: 'li', name: 'li' })
    await phone.engine.syncNow()
    await delivered(phone, server, '139')
  })

  it('403 wipe: the company data is gone, unsent work is kept and goes into quarantine', async () => {
    const { server, phone } = await company()
    server.before = () => problem(403, 'device_revoked', { wipe: true })
    phone.pictures.add('p1')
    await phone.engine.submit('customer.edit', mobile('138', '139'))
    await phone.engine.syncNow()
    expect(phone.engine.status.value).toMatchObject({ state: 'revoked', waiting: 1, complete: false })
    expect(phone.pictures.size).toBe(0)
    expect([...(await phone.view()).values()].filter((row) => row.rev > 0)).toEqual([])
    await phone.restart()
    expect(phone.engine.status.value.state).toBe('revoked')
    server.before = (request) => {
      if (isPull(request.path)) return problem(403, 'device_revoked', { wipe: true })
      const { ops } = request.json() as { ops: Array<{ id: string }> }
      const results = ops.map(({ id }) => ({ id, status: 'held', code: 'quarantined', position: 1 }))
      return Response.json({ position: 1, results })
    }
    await phone.engine.syncNow()
    expect(phone.engine.status.value).toMatchObject({ state: 'revoked', waiting: 0, needsYou: 1 })
    expect((await phone.engine.needsYou())[0]?.result?.code).toBe('quarantined')
  })

  it('413: the batch is halved until it fits', async () => {
    const { server, phone } = await company()
    for (let i = 0; i < 20; i++) {
      await phone.engine.submit('visit.create', { id: `v${i}`, values: { customer_id: 'wang', name: `${i}` } })
    }
    server.mostOps = 3
    await phone.engine.syncNow()
    expect(await phone.engine.outboxItems()).toEqual([])
    expect(server.effects.size).toBe(20)
  })

  it('413 for one op alone: it is shown to the user and holds up nothing', async () => {
    const { server, phone } = await company()
    await phone.engine.submit('visit.create', { id: 'v1', values: { customer_id: 'wang', name: '长'.repeat(9) } })
    await phone.engine.submit('customer.edit', mobile('138', '139'))
    server.before = (request) =>
      isPush(request.path) && JSON.stringify(request.json()).includes('长长') ? problem(413, 'push_too_large') : null
    await phone.engine.syncNow()
    expect(server.row('customer', 'wang')).toMatchObject({ mobile: '139' })
    expect((await phone.engine.needsYou()).map((op) => op.result?.code)).toEqual(['push_too_large'])
  })

  it('an op the server cannot even read is shown to the user, the others pass', async () => {
    const { server, phone } = await company()
    await phone.engine.submit('visit.create', { id: 'v1', values: { customer_id: 'wang', name: 'odd' } })
    await phone.engine.submit('customer.edit', mobile('138', '139'))
    server.before = (request) =>
      isPush(request.path) && JSON.stringify(request.json()).includes('odd')
        ? problem(422, 'invalid_arguments')
        : null
    await phone.engine.syncNow()
    expect(server.row('customer', 'wang')).toMatchObject({ mobile: '139' })
    expect((await phone.engine.needsYou()).map((op) => op.result?.code)).toEqual(['invalid_arguments'])
  })

  it('what stands on an op the server cannot even read does not wait for it', async () => {
    const { server, phone } = await company()
    const visit = { id: 'v1', values: { customer_id: 'wang', name: 'odd' } }
    const odd = await phone.engine.submit('visit.create', visit)
    const edit = { id: 'v1', set: { mobile: [null, '1'] } }
    await phone.engine.submit('visit.edit', edit, { needs: [odd.id] })
    server.before = (request) =>
      isPush(request.path) && JSON.stringify(request.json()).includes('odd')
        ? problem(422, 'invalid_arguments')
        : null
    await phone.engine.syncNow()
    const codes = (await phone.engine.needsYou()).map((op) => op.result?.code)
    expect(codes).toEqual(['invalid_arguments', 'needs_rejected'])
    expect([...(await phone.view()).keys()]).toEqual(['customer/wang'])
    await phone.engine.retry(odd.id, { ...visit, values: { ...visit.values, name: '首访' } })
    await phone.engine.syncNow()
    expect(server.row('visit', 'v1')).toMatchObject({ name: '首访', mobile: '1' })
    expect(await phone.engine.outboxItems()).toEqual([])
  })

  it('a session of another device rejects nobody’s work: it waits for a login', async () => {
    const { server, phone } = await company()
    await phone.engine.submit('customer.edit', mobile('138', '139'))
    server.before = (request) => (isPush(request.path) ? problem(422, 'wrong_device') : null)
    await phone.engine.syncNow()
    expect(phone.engine.status.value).toMatchObject({ waiting: 1, needsYou: 0 })
    server.before = null
    await phone.engine.syncNow()
    await delivered(phone, server, '139')
  })

  it('426 on pull: pushing goes on and the app asks to be updated', async () => {
    const { server, phone } = await company()
    server.minSchema = 3
    await phone.engine.submit('customer.edit', mobile('138', '139'))
    await phone.engine.syncNow()
    expect(phone.engine.status.value).toMatchObject({ state: 'needs_update', waiting: 0 })
    expect(server.row('customer', 'wang')).toMatchObject({ mobile: '139' })
    expect(await phone.engine.get('customer', 'wang')).toMatchObject({ mobile: '139' })
  })

  it('500 for one op: the others pass it, and it is tried again later', async () => {
    const { server, phone } = await company()
    await phone.engine.submit('visit.create', { id: 'v1', values: { customer_id: 'wang', name: 'poison' } })
    for (let i = 2; i < 8; i++) {
      await phone.engine.submit('visit.create', { id: `v${i}`, values: { customer_id: 'wang', name: `${i}` } })
    }
    server.before = (request) =>
      isPush(request.path) && JSON.stringify(request.json()).includes('poison')
        ? new Response('', { status: 500 })
        : null
    for (let round = 0; round < 5; round++) await phone.engine.syncNow()
    expect(phone.engine.status.value).toMatchObject({ state: 'error', waiting: 1 })
    server.before = null
    await phone.engine.syncNow()
    expect(await phone.engine.outboxItems()).toEqual([])
    expect(server.effects.size).toBe(7)
  })

  it('what needs an op that nobody has is rejected, one after the other, and can be sent again without it', async () => {
    const { server, phone } = await company()
    const a = await phone.engine.submit('customer.edit', mobile('138', '139'), { needs: ['unknown'] })
    await phone.engine.submit('customer.edit', mobile('139', '140'), { needs: [a.id] })
    await phone.engine.syncNow()
    expect((await phone.engine.needsYou()).map((op) => op.result?.code)).toEqual(['needs_rejected', 'needs_missing'])
    phone.skew += 61_000
    await phone.engine.syncNow()
    expect((await phone.engine.needsYou()).map((op) => op.result?.code)).toEqual(['needs_rejected', 'needs_rejected'])
    await phone.engine.retry(a.id)
    expect(await phone.engine.get('customer', 'wang')).toMatchObject({ mobile: '140' })
    await phone.engine.syncNow()
    expect(server.row('customer', 'wang')).toMatchObject({ mobile: '140' })
    expect(await phone.engine.outboxItems()).toEqual([])
  })

  it('reset: the cache is rebuilt, rows that went unnoticed are gone, the outbox stays', async () => {
    const { server, phone } = await company()
    server.customer('stale', { name: '旧' }, 'li')
    await phone.engine.syncNow()
    server.cells.delete('customer/stale')
    server.holders.get('li')!.delete('customer:stale')
    await phone.engine.submit('customer.edit', mobile('138', '139'))
    let once = true
    server.before = async (request) => {
      if (!isPull(request.path) || !once) return null
      once = false
      request.query.delete('cursor')
      return null
    }
    server.afterwards = async (request, response) => {
      if (!isPull(request.path) || once) return response
      return Response.json({ ...((await response.json()) as object), reset: !request.query.has('cursor') })
    }
    phone.pictures.add('of a customer that went unnoticed')
    await phone.engine.syncNow()
    expect([...(await phone.view()).keys()]).toEqual(['customer/wang'])
    expect(phone.pictures.size).toBe(0)
    await delivered(phone, server, '139')
  })
})

describe('the server was restored from a backup', () => {
  it('gets back what it has lost, once, and the phone drops what is no more', async () => {
    const { server, phone } = await company()
    const cells = new Map(server.cells)
    const results = new Map(server.results)
    await phone.engine.submit('customer.edit', mobile('138', '139'))
    await phone.engine.syncNow()
    server.customer('later', { name: '备份之后' }, 'li')
    await phone.engine.syncNow()
    // Back to the state before both.
    server.epoch = 'epoch-2'
    server.position = 500
    for (const map of [server.cells, server.results, server.effects]) map.clear()
    cells.forEach((cell, key) => server.cells.set(key, cell))
    results.forEach((result, key) => server.results.set(key, result))
    server.holders.get('li')!.delete('customer:later')
    await phone.engine.syncNow()
    expect(server.row('customer', 'wang'), 'sent again at once').toMatchObject({ mobile: '139' })
    await phone.engine.syncNow()
    await delivered(phone, server, '139')
    expect([...(await phone.view()).keys()]).toEqual(['customer/wang'])
  })
})

describe('the tab is killed', () => {
  const points = [
    'submit:stored',
    'push:before',
    'push:answered',
    'push:stored',
    'pull:answered',
    'page:before',
    'page:stored',
    'page:settled',
  ]
  it.each(points)('at %s: nothing is lost, nothing happens twice, the edit stays on screen', async (point) => {
    const { server, phone } = await company()
    phone.killAt = point
    const op = phone.engine.submit('customer.edit', mobile('138', '139'))
    if (point === 'submit:stored') await expect(op).rejects.toThrow(Killed)
    else {
      await op
      await expect(phone.engine.syncNow()).rejects.toThrow(Killed)
    }
    await phone.restart()
    expect(await phone.engine.get('customer', 'wang')).toMatchObject({ mobile: '139' })
    expect(phone.engine.status.value.sending).toBe(0)
    await phone.engine.syncNow()
    await delivered(phone, server, '139')
    const cache = (phone.engine as unknown as { stores: { cache: Cache } }).stores.cache
    expect(await cache.marks.count()).toBe(0)
    expect(await cache.shadow.count()).toBe(0)
  })
})

describe('two people, one phone', () => {
  it('neither sees nor sends the work of the other', async () => {
    const { server, phone } = await company()
    server.customer('chen', { name: '陈记' }, 'zhao')
    await phone.engine.submit('customer.edit', mobile('138', '139'))
    phone.pictures.add('p1')
    phone.employee = 'zhao'
    await phone.engine.loggedIn({ id: 'zhao', name: 'zhao' })
    expect((await phone.view()).size).toBe(0)
    expect(phone.pictures.size).toBe(0)
    await phone.engine.syncNow()
    expect([...(await phone.view()).keys()]).toEqual(['customer/chen'])
    expect(phone.engine.status.value).toMatchObject({ waiting: 0, waitingOthers: 1 })
    expect(server.row('customer', 'wang')).toMatchObject({ mobile: '138' })
    phone.employee = 'li'
    await phone.engine.loggedIn({ id: 'li', name: 'li' })
    await phone.engine.syncNow()
    await delivered(phone, server, '139')
  })

  it('also about a customer both hold', async () => {
    const { server, phone } = await company()
    server.desk(() => server.grant('zhao', 'customer:wang'))
    await phone.engine.submit('customer.edit', mobile('138', '139'))
    phone.employee = 'zhao'
    await phone.engine.loggedIn({ id: 'zhao', name: 'zhao' })
    await phone.engine.syncNow()
    expect(await phone.engine.get('customer', 'wang')).toMatchObject({ mobile: '138' })
    expect(await phone.engine.get('customer', 'wang')).not.toHaveProperty('_op')
  })
})
