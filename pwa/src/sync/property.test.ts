/** The promise, for any order of events: no op disappears, each takes effect once, what a rep has typed never flickers
 * back to an older value, and once it is quiet the phone shows exactly what the server lets it see. */

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Stores } from './stores'
import { Killed, Phone } from './testing/phone'
import { ModelServer } from './testing/server'
import type { WireOp } from './types'

const CUSTOMERS = ['a', 'b', 'c']
const FIELDS = ['name', 'mobile'] as const
const FAULTS = ['none', 'request lost', 'response lost', 'shuffled', 'down'] as const

type Step =
  | { kind: 'edit'; id: string; field: (typeof FIELDS)[number] }
  | { kind: 'create'; needs: boolean }
  | { kind: 'desk'; id: string; field: (typeof FIELDS)[number] }
  | { kind: 'access'; id: string; live: boolean }
  | { kind: 'sync'; faults: (typeof FAULTS)[number][]; racing: string | null }
  | { kind: 'kill'; after: number }
  | { kind: 'restart' }
  | { kind: 'new epoch' }

const id = fc.constantFrom(...CUSTOMERS)
const field = fc.constantFrom(...FIELDS)
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('edit' as const), id, field }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('create' as const), needs: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('desk' as const), id, field }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('access' as const), id, live: fc.boolean() }) },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('sync' as const),
      faults: fc.array(fc.constantFrom(...FAULTS), { maxLength: 4 }),
      racing: fc.option(id, { nil: null }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('kill' as const), after: fc.nat(12) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('restart' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('new epoch' as const) }) },
)

class World {
  readonly server = new ModelServer()
  readonly phone = new Phone(this.server)
  readonly submitted: string[] = []
  /** The rep's latest word for a field, and the op that carries it. */
  readonly mine = new Map<string, { value: string; op: string }>()
  /** Where the server ran an op; absent until it has. */
  readonly ranAt = new Map<string, number>()
  readonly violations: string[] = []
  private serial = 0
  private made = 0
  private observing: Promise<void> = Promise.resolve()
  private lastMade: { op: string; id: string } | null = null

  async open(bounded: boolean): Promise<void> {
    for (const one of CUSTOMERS) this.server.customer(one, { name: `name ${one}`, mobile: `mobile ${one}` }, 'li')
    this.server.pageSize = 2
    this.server.boundedPull = bounded
    await this.phone.ready()
    this.observe()
  }

  private observe(): void {
    this.phone.engine.onChanges(() => {
      this.observing = this.observing.then(() => this.check()).catch(() => {})
    })
  }

  /** What the rep sees of his own words right now. */
  async check(): Promise<void> {
    for (const [key, { value, op }] of [...this.mine]) {
      const [customer, name] = key.split('/') as [string, string]
      const row = await this.phone.engine.get('customer', customer)
      if (this.mine.get(key)?.op !== op || !row || row[name] === value) continue
      const ran = this.ranAt.get(op)
      // Another value may show only when the server has run the op and had that value then or since.
      const history = this.server.history.get(`customer/${customer}/${name}`) ?? []
      const current = history.filter((entry) => ran !== undefined && entry.position <= ran).at(-1)
      const since = history.filter((entry) => ran !== undefined && entry.position > ran)
      const allowed = [current, ...since].some((entry) => entry?.value === row[name])
      if (!allowed) this.violations.push(`${key} shows ${String(row[name])} instead of ${value}`)
    }
  }

  async run(one: Step): Promise<void> {
    const { engine } = this.phone
    switch (one.kind) {
      case 'edit': {
        const row = await engine.get('customer', one.id)
        if (!row) return
        const value = `mine ${++this.serial}`
        this.mine.delete(`${one.id}/${one.field}`)
        const op = await engine.submit('customer.edit', {
          id: one.id,
          set: { [one.field]: [row[one.field] ?? null, value] },
        })
        this.mine.set(`${one.id}/${one.field}`, { value, op: op.id })
        this.submitted.push(op.id)
        break
      }
      case 'create': {
        const needs = one.needs && this.lastMade ? [this.lastMade.op] : []
        const newId = `n${++this.made}`
        const op = await engine.submit('customer.create', { id: newId, values: { name: newId } }, { needs })
        this.lastMade = { op: op.id, id: newId }
        this.submitted.push(op.id)
        break
      }
      case 'desk':
        this.server.desk(() =>
          this.server.put('customer', `customer:${one.id}`, { id: one.id, [one.field]: `desk ${++this.serial}` }),
        )
        break
      case 'access':
        this.server.desk(() => this.server.grant('li', `customer:${one.id}`, one.live))
        break
      case 'sync':
        await this.sync([...one.faults], one.racing)
        break
      case 'kill':
        this.phone.killAt = '*'
        this.phone.killAfter = one.after
        await this.sync([], null)
        this.phone.killAt = null
        break
      case 'restart':
        await this.phone.restart()
        this.observe()
        break
      case 'new epoch':
        this.server.epoch += '+'
        break
    }
    await this.check()
  }

  private async sync(faults: Array<(typeof FAULTS)[number]>, racing: string | null): Promise<void> {
    let pages = 0
    let fault: (typeof FAULTS)[number] = 'none'
    this.server.before = () => {
      fault = faults.shift() ?? 'none'
      if (fault === 'request lost') throw new TypeError('lost')
      return fault === 'down' ? new Response('', { status: 503 }) : null
    }
    this.server.afterwards = async (request, response) => {
      this.noteRuns()
      // Somebody at the desk writes between two pages of this pull.
      if (racing && request.path.endsWith('pull') && ++pages === 1) {
        this.server.desk(() =>
          this.server.put('customer', `customer:${racing}`, { id: racing, mobile: `race ${++this.serial}` }),
        )
      }
      if (fault === 'response lost') throw new TypeError('lost')
      if (fault !== 'shuffled' || !request.path.endsWith('push')) return response
      const answer = (await response.json()) as { results: unknown[] }
      return Response.json({ ...answer, results: [...answer.results, ...answer.results].reverse() })
    }
    try {
      await this.phone.engine.syncNow()
    } catch (error) {
      if (!(error instanceof Killed)) throw error
      await this.phone.restart()
      this.observe()
    } finally {
      this.server.before = this.server.afterwards = null
    }
  }

  private noteRuns(): void {
    for (const result of this.server.results.values()) {
      if (!this.ranAt.has(result.id)) this.ranAt.set(result.id, result.position ?? -1)
    }
  }

  async quiet(): Promise<void> {
    for (let round = 0; round < 4; round++) {
      this.phone.skew += 3_600_000
      await this.sync([], null)
    }
    await this.observing
    await this.check()
  }

  async verify(): Promise<void> {
    expect(this.violations).toEqual([])
    const ran = new Set([...this.server.results.values()].map((result) => result.id))
    for (const op of this.submitted) expect(ran.has(op), `op ${op} never arrived`).toBe(true)
    for (const [op, count] of this.server.effects) expect(count, `op ${op}`).toBe(1)
    expect(this.phone.engine.status.value).toMatchObject({ state: 'idle', waiting: 0, sending: 0 })
    const shown = [...(await this.phone.view())].sort(([a], [b]) => (a < b ? -1 : 1))
    const visible = [...this.server.visible('li')].sort(([a], [b]) => (a < b ? -1 : 1))
    expect(shown.map(([key, row]) => [key, row.name, row.mobile, row.rev, row._op])).toEqual(
      visible.map(([key, row]) => [key, row['name'] ?? null, row['mobile'] ?? null, row.rev, undefined]),
    )
    const { cache } = (this.phone.engine as unknown as { stores: Stores }).stores
    expect(await cache.shadow.count()).toBe(0)
    expect(await cache.marks.count()).toBe(0)
  }
}

describe('whatever happens', () => {
  it('a rep loses nothing and sees nothing flicker', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 14 }), fc.boolean(), async (steps, bounded) => {
        const world = new World()
        await world.open(bounded)
        for (const one of steps) await world.run(one)
        await world.quiet()
        await world.verify()
        world.phone.engine.stop()
      }),
      { numRuns: Number(process.env['SYNC_RUNS'] ?? 60) },
    )
  }, 300_000)

  it('wire ops are what the contract says', async () => {
    const server = new ModelServer()
    const phone = new Phone(server)
    await phone.ready()
    let sent: WireOp[] = []
    server.before = (request) => {
      if (request.path.endsWith('push')) sent = (request.json() as { ops: WireOp[] }).ops
      return null
    }
    const op = await phone.engine.submit('customer.create', { id: 'x', values: { name: 'x' } }, { needs: ['n'] })
    await phone.engine.syncNow()
    expect(sent).toEqual([
      { id: op.id, seq: 1, command: 'customer.create', version: 1, at: op.at, base: 0, args: op.args, needs: ['n'] },
    ])
    expect(op.at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
  })
})
