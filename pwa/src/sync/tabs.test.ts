/** The loop that runs by itself, and several tabs of one browser. */

import { afterEach, describe, expect, it } from 'vitest'
import type { Environment } from './environment'
import type { Stores } from './stores'
import { eventually, Phone, type Server } from './testing/phone'
import { ModelServer, problem } from './testing/server'

const running: Phone[] = []
/** As in leader.ts. */
const [DEBOUNCE, POLL] = [300, 60_000]

async function open(phone: Phone): Promise<Phone> {
  running.push(phone)
  await phone.start({ manual: false })
  return phone
}

/** Whatever it waits for comes 100 times as soon. */
class HastyPhone extends Phone {
  readonly waits: number[] = []
  override environment(): Environment {
    const patient = super.environment()
    const after: Environment['after'] = (ms, run) => {
      this.waits.push(ms)
      return patient.after(ms / 100, run)
    }
    return { ...patient, after }
  }
}

/** No stream of hints that broke is opened again by itself in a test's time. */
class UnhurriedPhone extends Phone {
  override environment(): Environment {
    const hasty = super.environment()
    return { ...hasty, after: (ms, run) => hasty.after(ms >= 1_000 && ms < 60_000 ? ms * 1_000 : ms, run) }
  }
}

async function company(phone = new Phone(new ModelServer())): Promise<{ server: ModelServer; phone: Phone }> {
  const server = phone.server as ModelServer
  server.customer('wang', { name: '王记超市', mobile: '138' }, 'li')
  await open(phone)
  await phone.engine.loggedIn({ id: 'li', name: 'li' })
  await eventually(() => phone.engine.status.value.complete && phone.engine.status.value.state === 'idle')
  return { server, phone }
}

afterEach(() => {
  for (const phone of running.splice(0)) phone.engine.stop()
})

const edit = (base: string, mine: string) => ({ id: 'wang', set: { mobile: [base, mine] } })

describe('by itself', () => {
  it('sends what was done, soon after', async () => {
    const { server, phone } = await company()
    await phone.engine.submit('customer.edit', edit('138', '139'))
    await eventually(() => server.row('customer', 'wang')?.['mobile'] === '139')
    await eventually(async () => (await phone.engine.outboxItems()).length === 0)
  })

  it('pulls when the server hints', async () => {
    const { server, phone } = await company()
    server.customer('chen', { name: '陈记' }, 'li')
    for (const stream of phone.hints) stream.hint()
    await eventually(async () => (await phone.engine.get('customer', 'chen')) !== undefined)
  })

  it('pulls when the stream of hints stands: nobody was told of what was written before', async () => {
    const { server, phone } = await company()
    server.customer('chen', { name: '陈记' }, 'li')
    for (const stream of phone.hints) stream.stands()
    await eventually(async () => (await phone.engine.get('customer', 'chen')) !== undefined)
  })

  it('opens a stream of hints that broke again, at once when the network comes back', async () => {
    const { phone } = await company(new UnhurriedPhone(new ModelServer()))
    const [first] = phone.hints
    phone.hints.clear()
    first!.lost()
    expect(phone.hints.size).toBe(0)
    for (const listener of phone.signals) listener('online')
    expect(phone.hints.size).toBe(1)
    // While one stands, no other is opened.
    for (const listener of phone.signals) listener('online')
    expect(phone.hints.size).toBe(1)
  })

  it('tries again at once when the network comes back', async () => {
    const { server, phone } = await company()
    phone.isOnline = false
    await phone.engine.submit('customer.edit', edit('138', '139'))
    await eventually(() => phone.engine.status.value.state === 'offline')
    phone.isOnline = true
    for (const listener of phone.signals) listener('online')
    await eventually(() => server.row('customer', 'wang')?.['mobile'] === '139')
  })

  it('pulls when the page is looked at again', async () => {
    const { server, phone } = await company()
    server.customer('chen', { name: '陈记' }, 'li')
    for (const listener of phone.signals) listener('visible')
    await eventually(async () => (await phone.engine.get('customer', 'chen')) !== undefined)
  })

  it('pulls now and then without any hint, and when it is opened', async () => {
    const { server, phone } = await company(new HastyPhone(new ModelServer()))
    server.customer('chen', { name: '陈记' }, 'li')
    await eventually(async () => (await phone.engine.get('customer', 'chen')) !== undefined)
    phone.engine.stop()
    server.customer('zhao', { name: '赵记' }, 'li')
    await phone.start({ manual: false })
    await eventually(async () => (await phone.engine.get('customer', 'zhao')) !== undefined)
  })

  it('tries again by itself while the server fails, ever more rarely', async () => {
    const hasty = new HastyPhone(new ModelServer())
    const { server, phone } = await company(hasty)
    let tried = 0
    hasty.waits.length = 0
    server.before = (request) => {
      if (request.path !== '/sync/v1/push') return null
      return ++tried < 6 ? problem(503, 'database_busy') : null
    }
    await phone.engine.submit('customer.edit', edit('138', '139'))
    await eventually(() => phone.engine.status.value.state === 'error')
    await eventually(() => server.row('customer', 'wang')?.['mobile'] === '139')
    // Half of 1, 2, 4, 8 and 16 seconds and as much again by chance, which is one half here.
    expect(hasty.waits.filter((ms) => ms > DEBOUNCE && ms < POLL)).toEqual([750, 1_500, 3_000, 6_000, 12_000])
  })

  it('uploads photos beside everything else', async () => {
    const { server, phone } = await company()
    const photo = { photo_id: 'p1', sha256: 'h1', bytes: new ArrayBuffer(4) }
    await phone.engine.submit('photo.attach', { id: 'p1' }, { photos: [photo] })
    await eventually(() => server.blobs.has('h1'))
    await eventually(() => phone.engine.status.value.blobs === 0)
  })

  it('waits without a session and goes on after the login', async () => {
    const { server, phone } = await company()
    server.before = () => problem(401, 'session_expired')
    await phone.engine.submit('customer.edit', edit('138', '139'))
    await eventually(() => phone.engine.status.value.state === 'needs_login')
    // What was under way when the answer came may still ask; after that there is silence, new work or not.
    // Longer than ops of one tap are waited for, which is 300 ms.
    const pause = () => new Promise((resolve) => setTimeout(resolve, 450))
    let asked = -1
    while (asked !== server.requests.length) {
      asked = server.requests.length
      await pause()
    }
    await phone.engine.submit('customer.edit', edit('139', '140'))
    await pause()
    expect(server.requests.length).toBe(asked)
    server.before = null
    await phone.engine.loggedIn({ id: 'li', name: 'li' })
    await eventually(() => server.row('customer', 'wang')?.['mobile'] === '140')
  })
})

describe('two tabs', () => {
  it('one leads; both submit, both see what either did and what comes down', async () => {
    const { server, phone } = await company()
    const second = await open(phone.tab())
    await eventually(() => phone.engine.status.value.leader && !second.engine.status.value.leader)
    const seen: unknown[] = []
    phone.engine.live(
      [{ type: 'customer', id: 'wang' }],
      () => phone.engine.get('customer', 'wang'),
      (row) => seen.push(row?.['mobile']),
    )
    await second.engine.submit('customer.edit', edit('138', '139'))
    await eventually(() => seen.includes('139'))
    await eventually(() => server.row('customer', 'wang')?.['mobile'] === '139')
    await eventually(() => second.engine.status.value.waiting === 0)
    server.desk(() => server.put('customer', 'customer:wang', { id: 'wang', mobile: 'desk' }))
    for (const stream of phone.hints) stream.hint()
    await eventually(async () => (await second.engine.get('customer', 'wang'))?.['mobile'] === 'desk')
    expect(second.engine.timeAnchor().since_token_ms).not.toBeNull()
  })

  it('what a pull says of one’s rights reaches both', async () => {
    const { server, phone } = await company()
    const second = await open(phone.tab())
    await eventually(() => phone.engine.status.value.leader && !second.engine.status.value.leader)
    server.afterwards = async (request, response) => {
      if (request.path !== '/sync/v1/pull') return response
      return Response.json({ ...(await response.json()), me: { id: 'li', name: 'li', rights: 'fewer' } })
    }
    for (const stream of phone.hints) stream.hint()
    await eventually(() => phone.engine.me?.['rights'] === 'fewer')
    await eventually(() => second.engine.me?.['rights'] === 'fewer')
  })

  it('the other takes over when the leading one is closed', async () => {
    const { server, phone } = await company()
    const second = await open(phone.tab())
    phone.engine.stop()
    await eventually(() => second.engine.status.value.leader)
    await second.engine.submit('customer.edit', edit('138', '139'))
    await eventually(() => server.row('customer', 'wang')?.['mobile'] === '139')
  })
})

describe('two tabs that both lead, where there are no locks', () => {
  it('one that is always overtaken gives way without a fault, and is whole later', async () => {
    const server = new ModelServer()
    server.customer('wang', { name: '王记超市', mobile: '138' }, 'li')
    const fast = new Phone(server)
    await fast.ready()
    const slow = fast.tab()
    running.push(fast, slow)
    let overtaking = true
    const overtaken: Server = {
      fetchFor: (who) => {
        const fetch = server.fetchFor(who)
        return async (url, init) => {
          const answer = await fetch(url, init)
          if (overtaking && url.includes('/pull')) {
            server.customer(`c${server.position}`, { name: '新店' }, 'li')
            await fast.engine.syncNow()
          }
          return answer
        }
      },
    }
    ;(slow as { server: Server }).server = overtaken
    await slow.start()
    await slow.engine.syncNow()
    expect(slow.engine.status.value).toMatchObject({ state: 'offline', problem: { code: 'unreachable' } })
    overtaking = false
    await slow.engine.syncNow()
    expect(slow.engine.status.value.state).toBe('idle')
    expect((await slow.view()).size).toBe(server.visible('li').size)
  })

  it('asks again when another tab meets the restored server before the answers of a push are stored', async () => {
    const server = new ModelServer()
    server.customer('wang', { name: '王记超市', mobile: '138' }, 'li')
    const first = new Phone(server)
    await first.ready()
    const second = first.tab()
    const environment = second.environment.bind(second)
    let restored = false
    second.environment = () => {
      const env = environment()
      const { fetch } = env
      env.fetch = async (url, init) => {
        const answer = await fetch(url, init)
        if (url.includes('/push') && !restored) {
          restored = true
          server.epoch = 'epoch-2'
          await first.engine.syncNow()
        }
        return answer
      }
      return env
    }
    await second.start()
    running.push(first, second)
    await second.engine.submit('customer.edit', edit('138', '139'))
    await second.engine.syncNow()
    await first.engine.syncNow()
    expect(restored).toBe(true)
    expect(server.row('customer', 'wang')?.['mobile']).toBe('139')
    const { cache, outbox } = (first.engine as unknown as { stores: Stores }).stores
    expect(await outbox.all()).toEqual([])
    expect(await cache.marks.count()).toBe(0)
    expect(await cache.shadow.count()).toBe(0)
  })
})
