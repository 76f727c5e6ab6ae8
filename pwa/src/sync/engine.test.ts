import { describe, expect, it, vi } from 'vitest'
import { Phone } from './testing/phone'
import { ModelServer } from './testing/server'

async function company(): Promise<{ server: ModelServer; phone: Phone }> {
  const server = new ModelServer()
  server.customer('wang', { name: '王记超市', mobile: '138' }, 'li')
  server.desk(() => server.put('notice', 'company', { id: 'n1', name: '中秋放假' }))
  const phone = new Phone(server)
  await phone.ready()
  return { server, phone }
}

const edit = (id: string, field: string, base: unknown, mine: unknown) => ({ id, set: { [field]: [base, mine] } })

describe('a day with a network', () => {
  it('holds what its access says after the first pull', async () => {
    const { server, phone } = await company()
    server.customer('foreign', { name: '别人的' }, 'zhao')
    await phone.engine.syncNow()
    expect([...(await phone.view()).keys()].sort()).toEqual(['customer/wang', 'notice/n1'])
    expect(phone.engine.status.value).toMatchObject({ state: 'idle', complete: true, waiting: 0 })
    expect(phone.engine.me).toMatchObject({ id: 'li' })
  })

  it('shows an edit at once, sends it, and lets go of it when a pulled state contains it', async () => {
    const { server, phone } = await company()
    await phone.engine.submit('customer.edit', edit('wang', 'mobile', '138', '139'))
    expect(await phone.engine.get('customer', 'wang')).toMatchObject({ mobile: '139' })
    expect(await phone.engine.markOf('customer', 'wang')).toBe('phone')
    expect(phone.engine.status.value.waiting).toBe(1)
    await phone.engine.syncNow()
    expect(server.row('customer', 'wang')).toMatchObject({ mobile: '139' })
    expect(await phone.engine.markOf('customer', 'wang')).toBe('company')
    expect(await phone.engine.outboxItems()).toEqual([])
    expect((await phone.engine.get('customer', 'wang'))?._op).toBeUndefined()
  })

  it('keeps the server number of a row made here', async () => {
    const { phone } = await company()
    await phone.engine.submit('customer.create', { id: 'new', values: { name: '新店' } })
    expect(await phone.engine.get('customer', 'new')).toMatchObject({ name: '新店', rev: 0, root: 'customer:new' })
    await phone.engine.syncNow()
    expect((await phone.engine.get('customer', 'new'))?.['number']).toMatch(/^N\d+$/)
  })

  it('sends ops in order, in batches of at most 200', async () => {
    const { server, phone } = await company()
    for (let i = 0; i < 450; i++) {
      await phone.engine.submit('visit.create', { id: `v${i}`, values: { customer_id: 'wang', name: `${i}` } })
    }
    const sizes: number[] = []
    server.before = (request) => {
      if (request.path === '/sync/v1/push') sizes.push((request.json() as { ops: unknown[] }).ops.length)
      return null
    }
    await phone.engine.syncNow()
    expect(sizes).toEqual([200, 200, 50])
    expect(await phone.engine.rows('visit', { index: 'customer_id', value: 'wang' })).toHaveLength(450)
    // What has no index is searched for.
    expect(await phone.engine.rows('visit', { index: 'rev_of_nothing', value: 'wang' })).toHaveLength(0)
    const [one] = await phone.engine.rows('visit')
    expect(await phone.engine.rows('visit', { index: 'root', value: one!.root })).toHaveLength(450)
    expect(await phone.engine.outboxItems()).toEqual([])
  })
})

describe('what the server decides', () => {
  it('rolls a rejected op back, keeps it for the user, and takes the corrected one', async () => {
    const { server, phone } = await company()
    const bad = await phone.engine.submit('customer.create', { id: 'new', values: { name: 'forbidden' } })
    await phone.engine.submit(
      'visit.create',
      { id: 'v1', values: { customer_id: 'new', name: '首访' } },
      { needs: [bad.id] },
    )
    await phone.engine.syncNow()
    expect(await phone.engine.get('customer', 'new')).toBeUndefined()
    expect(await phone.engine.get('visit', 'v1')).toBeUndefined()
    expect((await phone.engine.needsYou()).map((op) => op.result?.code)).toEqual(['name_forbidden', 'needs_rejected'])
    expect(await phone.engine.markOf('customer', 'new')).toBe('needs_you')

    await phone.engine.retry(bad.id, { id: 'new', values: { name: '好名字' } })
    expect(await phone.engine.get('customer', 'new')).toMatchObject({ name: '好名字' })
    expect(await phone.engine.get('visit', 'v1')).toMatchObject({ name: '首访' })
    await phone.engine.syncNow()
    expect(server.row('visit', 'v1')).toMatchObject({ name: '首访' })
    expect(await phone.engine.needsYou()).toEqual([])
  })

  it('lets the user discard a rejected op', async () => {
    const { phone } = await company()
    const bad = await phone.engine.submit('customer.create', { id: 'new', values: { name: 'forbidden' } })
    await phone.engine.syncNow()
    await phone.engine.discard(bad.id)
    expect(await phone.engine.outboxItems()).toEqual([])
    expect(phone.engine.status.value.needsYou).toBe(0)
  })

  it('does not discard what the server may still run', async () => {
    const { phone } = await company()
    const op = await phone.engine.submit('customer.edit', edit('wang', 'name', '王记超市', '王记'))
    await phone.engine.discard(op.id)
    expect(await phone.engine.outboxItems()).toHaveLength(1)
  })

  it('keeps a conflict for the user while the server value shows, until dismissed', async () => {
    const { server, phone } = await company()
    await phone.engine.submit('customer.edit', edit('wang', 'mobile', '138', 'mine'))
    server.desk(() => server.put('customer', 'customer:wang', { id: 'wang', mobile: 'theirs' }))
    await phone.engine.syncNow()
    expect(await phone.engine.get('customer', 'wang')).toMatchObject({ mobile: 'theirs' })
    const [op] = await phone.engine.needsYou()
    expect(op?.result).toMatchObject({ status: 'conflict', conflicts: ['mobile'] })
    await phone.engine.dismiss(op!.id)
    expect(await phone.engine.outboxItems()).toEqual([])
  })

  it('keeps showing an op that a newer server has yet to understand, and asks again', async () => {
    const { server, phone } = await company()
    phone.reducers.add('customer.star', (tx, args: { id: string }) => tx.patch('customer', args.id, { name: '★' }))
    await phone.engine.submit('customer.star', { id: 'wang' })
    await phone.engine.syncNow()
    expect(await phone.engine.get('customer', 'wang')).toMatchObject({ name: '★' })
    expect((await phone.engine.needsYou()).map((op) => op.result?.code)).toEqual(['unknown_command'])
    server.results.clear()
    server.commands.set('customer.star', () => {
      server.put('customer', 'customer:wang', { id: 'wang', name: '★' })
      return {}
    })
    phone.skew = 2 * 3_600_000
    await phone.engine.syncNow()
    expect(await phone.engine.outboxItems()).toEqual([])
    expect(server.row('customer', 'wang')).toMatchObject({ name: '★' })
  })
})

describe('one op that goes wrong harms no other', () => {
  it('marks an op whose reducer throws and shows the others', async () => {
    const { phone, server } = await company()
    phone.reducers.add('customer.explode', async (tx) => {
      await tx.patch('customer', 'wang', { name: 'half done' })
      throw new Error('boom')
    })
    server.commands.set('customer.explode', () => ({}))
    await phone.engine.submit('customer.explode', { id: 'wang' })
    await phone.engine.submit('customer.edit', edit('wang', 'mobile', '138', '139'))
    expect(await phone.engine.get('customer', 'wang')).toMatchObject({ name: '王记超市', mobile: '139' })
    const items = await phone.engine.outboxItems()
    expect(items.map((item) => item.problem)).toEqual(['reducer_failed', null])
    await phone.restart()
    expect(await phone.engine.get('customer', 'wang')).toMatchObject({ name: '王记超市', mobile: '139' })
    await phone.engine.syncNow()
    expect(await phone.engine.outboxItems()).toEqual([])
  })

  it('marks an op whose reducer leaves its transaction, and shows the others', async () => {
    const { phone, server } = await company()
    const complaint = vi.spyOn(console, 'error').mockImplementation(() => {})
    phone.reducers.add('customer.wander', async (tx) => {
      await new Promise((resolve) => setTimeout(resolve, 5))
      await tx.patch('customer', 'wang', { name: 'too late' })
    })
    server.commands.set('customer.wander', () => ({}))
    await phone.engine.submit('customer.wander', { id: 'wang' })
    await phone.engine.submit('customer.edit', edit('wang', 'mobile', '138', '139'))
    await phone.restart()
    server.customer('chen', { name: '陈记' }, 'li')
    server.before = (request) => (request.path === '/sync/v1/push' ? new Response('', { status: 503 }) : null)
    await phone.engine.syncNow()
    expect(await phone.engine.get('customer', 'wang')).toMatchObject({ name: '王记超市', mobile: '139' })
    expect(await phone.engine.get('customer', 'chen')).toBeDefined()
    expect((await phone.engine.outboxItems()).map((item) => item.problem)).toEqual(['reducer_failed', null])
    server.before = null
    await phone.engine.syncNow()
    expect(await phone.engine.outboxItems()).toEqual([])
    expect(complaint).toHaveBeenCalled()
    complaint.mockRestore()
  })

  it('sends an op that this build has no reducer for', async () => {
    const { phone, server } = await company()
    server.commands.set('weather.note', () => ({}))
    await phone.engine.submit('weather.note', { text: '晴' })
    await phone.engine.syncNow()
    expect(await phone.engine.outboxItems()).toEqual([])
  })
})

describe('work on a customer that was taken away', () => {
  it('is kept, marked and delivered, and leaves nothing behind', async () => {
    const { server, phone } = await company()
    await phone.engine.submit('customer.edit', edit('wang', 'mobile', '138', '139'))
    await phone.engine.submit('visit.create', { id: 'v1', values: { customer_id: 'wang', name: '最后一访' } })
    server.desk(() => server.grant('li', 'customer:wang', false))
    // The pull comes first, as when another tab's round is under way.
    server.before = (request) => (request.path === '/sync/v1/push' ? new Response('', { status: 503 }) : null)
    await phone.engine.syncNow()
    expect(await phone.engine.get('customer', 'wang')).toBeUndefined()
    expect((await phone.engine.outboxItems()).map((item) => item.problem)).toEqual(['root_lost', 'root_lost'])
    expect(await phone.engine.get('visit', 'v1')).toMatchObject({ name: '最后一访' })
    server.before = null
    await phone.engine.syncNow()
    expect(server.row('customer', 'wang')).toMatchObject({ mobile: '139' })
    expect(server.row('visit', 'v1')).toMatchObject({ name: '最后一访' })
    expect([...(await phone.view()).keys()]).toEqual(['notice/n1'])
    expect(await phone.engine.outboxItems()).toEqual([])
  })
})

describe('a busy server', () => {
  it('is left alone until the time it said, without an error, and gets everything then', async () => {
    const { phone, server } = await company()
    await phone.engine.submit('customer.edit', edit('wang', 'mobile', '138', '139'))
    let asked = 0
    const busy = (): Response =>
      new Response(JSON.stringify({ code: 'busy', detail: 'busy' }), {
        status: 503,
        headers: { 'Retry-After': '20' },
      })
    server.before = (request) => (request.path === '/sync/v1/push' && ++asked > 0 ? busy() : null)
    await phone.engine.syncNow()
    expect(asked).toBe(1)
    expect(phone.engine.status.value).toMatchObject({ state: 'idle', problem: null })
    // A tap, or news for the phone, does not make it come earlier; reading goes on.
    server.customer('chen', { name: '陈记' }, 'li')
    await phone.engine.syncNow()
    expect(asked).toBe(1)
    expect(await phone.engine.get('customer', 'chen')).toBeDefined()
    expect((await phone.engine.outboxItems()).length).toBe(1)
    server.before = null
    phone.skew += 24_001
    await phone.engine.syncNow()
    expect(await phone.engine.outboxItems()).toEqual([])
    expect(server.row('customer', 'wang')).toMatchObject({ mobile: '139' })
  })
})

describe('a pull of many pages', () => {
  it('has asked for the next page before it stores one, and asks for none twice', async () => {
    const server = new ModelServer()
    for (let n = 0; n < 9; n++) server.customer(`c${n}`, { name: `${n}` }, 'li')
    server.pageSize = 3
    const phone = new Phone(server)
    await phone.start()
    const asked: string[] = []
    const storedWhenAsked: number[] = []
    server.before = async (request) => {
      if (request.path !== '/sync/v1/pull') return null
      asked.push(request.query.get('after') ?? '')
      storedWhenAsked.push((await phone.engine.rows('customer')).length)
      return null
    }
    await phone.engine.loggedIn({ id: 'li', name: 'li' })
    await phone.engine.syncNow()
    expect((await phone.engine.rows('customer')).length).toBe(9)
    const paged = asked.filter((after) => after !== '')
    expect(paged.length).toBeGreaterThanOrEqual(2)
    expect(new Set(paged).size).toBe(paged.length)
    expect(storedWhenAsked[1]).toBe(0)
  })

  it('goes on where it was when what it asked for ahead does not come', async () => {
    const server = new ModelServer()
    for (let n = 0; n < 9; n++) server.customer(`c${n}`, { name: `${n}` }, 'li')
    server.pageSize = 3
    const phone = new Phone(server)
    await phone.start()
    let pulls = 0
    server.before = (request) => {
      if (request.path === '/sync/v1/pull' && ++pulls === 2) throw new TypeError('no network')
      return null
    }
    await phone.engine.loggedIn({ id: 'li', name: 'li' })
    await phone.engine.syncNow()
    expect((await phone.engine.rows('customer')).length).toBeGreaterThanOrEqual(3)
    server.before = null
    phone.skew += 600_000
    await phone.engine.syncNow()
    expect((await phone.engine.rows('customer')).length).toBe(9)
  })
})
