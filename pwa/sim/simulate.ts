/** Days of a company in minutes: many devices, a desk, and every fault that has a seed.
 *
 * All chance comes from dice of the seed, one set for what people do, one for when, one for each network. Two runs of a
 * seed do the same things; the order in which the server meets what is sent at the same moment may differ. Every
 * hundred-odd steps all becomes quiet: the network is good, everything is delivered, and devices and database are
 * looked at. */
import { Killed } from '@/sync/testing/phone'
import { Actor } from './actor'
import { checkAlways, checkQuiet } from './check'
import { Dice } from './dice'
import { CALM, type Weather } from './line'
import { ask, tell, type Cast } from './stage'
import { deskWork, FIELD_WORK, type Goods } from './work'

const QUIET_EVERY = 120
const YEAR = 365 * 24 * 3_600_000
const MOST_STORY = 60

const STORM: Weather = { lost: 0.12, unanswered: 0.12, twice: 0.1, late: 0.08, slow: 0.3 }

export async function simulate(cast: Cast): Promise<void> {
  const play = new Play(cast)
  process.on('unhandledRejection', (error) => {
    // A page that is gone leaves its promises behind.
    if (error instanceof Error && /Killed|DatabaseClosed|Abort|InvalidState/.test(error.name)) return
    play.problems.push(`nobody caught: ${error instanceof Error ? error.stack : String(error)}`)
  })
  await play.prepare()
  for (let step = 1; step <= cast.steps && play.problems.length === 0; step++) {
    await play.step(step)
    if (step % QUIET_EVERY === 0 || step === cast.steps) await play.quiet()
  }
  tell({ problems: play.problems.slice(0, 20), story: play.shortStory(), figures: play.figures })
}

interface StoryLine {
  step: number
  who: string
  text: string
}

class Play {
  readonly problems: string[] = []
  readonly figures: Record<string, number> = {
    steps: 0,
    ops: 0,
    'desk commands': 0,
    'device kills': 0,
    'server kills': 0,
    'long transactions': 0,
    checks: 0,
    'rows compared': 0,
  }
  private readonly story: StoryLine[] = []
  private readonly phones: Actor[] = []
  private readonly people: Dice
  private readonly when: Dice
  private readonly has: ReadonlySet<string>
  private desk!: Actor
  private boss!: Actor
  private goods!: Goods
  private at = 0

  constructor(private readonly cast: Cast) {
    this.people = new Dice(`${cast.seed}/people`)
    this.when = new Dice(`${cast.seed}/when`)
    this.has = new Set(cast.faults)
  }

  async prepare(): Promise<void> {
    const say = (who: string, text: string) => this.say(who, text)
    const made = (username: string, name: string) => new Actor(this.cast, username, name, say)
    this.desk = made('clerk', 'desk')
    this.boss = made('boss', 'boss')
    const phones = [
      made('rep', 'rep'),
      made('rep', "rep's tablet"),
      made('rep2', 'rep2'),
      made('stranger', 'stranger'),
    ]
    phones.push(made('manager', 'manager'))
    for (const actor of [this.desk, this.boss, ...phones]) await actor.settle()
    this.phones.push(...phones)
    if (this.has.has('tab')) {
      const tab = phones[0]!.tab("rep's second tab")
      await tab.start()
      this.phones.push(tab)
    }
    this.goods = await this.stock()
  }

  private async stock(): Promise<Goods> {
    const options = [...(await this.boss.listed('option')).values()]
    const of = (list: string) => options.filter((option) => option.list_name === list).map((option) => option.id)
    const products = []
    for (let i = 0; i < 5; i++) {
      const id = this.boss.engine.newId()
      await this.boss.do('product.create', {
        id,
        values: { name: `产品${i}`, unit_id: of('unit')[0], price: `${9 + i}.00` },
      })
      products.push(id)
    }
    const employees = this.phones.map((phone) => phone.employee)
    return { products, employees: [...new Set(employees)], methods: of('payment_method'), stages: of('sales_stage') }
  }

  async step(step: number): Promise<void> {
    this.at = step
    this.figures.steps = step
    const kind = this.when.weighted({
      work: 60,
      sync: 22,
      desk: 12,
      clock: this.has.has('clock') ? 1 : 0,
      rights: this.has.has('access') ? 0.7 : 0,
      stall: this.has.has('stall') ? 0.6 : 0,
      crash: this.has.has('server') ? 0.35 : 0,
    })
    const actor = this.when.one(this.phones)
    try {
      if (kind === 'work') await this.work(actor)
      else if (kind === 'sync') await this.sync(this.when.whole(1, 3))
      else if (kind === 'desk') await this.deskTurn()
      else if (kind === 'clock') this.setClock(actor)
      else if (kind === 'rights') await this.rights()
      else if (kind === 'stall') await this.stall()
      else await this.crash()
    } catch (error) {
      this.problems.push(`step ${step} (${kind}): ${error instanceof Error ? error.stack : String(error)}`)
    }
    this.problems.push(...(await checkAlways(actor)))
  }

  private async work(actor: Actor): Promise<void> {
    const weights = Object.fromEntries(Object.entries(FIELD_WORK).map(([name, { weight }]) => [name, weight]))
    for (let left = this.people.whole(1, 3); left > 0; left--) {
      const name = this.people.weighted(weights)
      await this.mortal(actor, 0.02, async () => {
        await FIELD_WORK[name]!.work(actor, this.people, this.goods)
      })
    }
    await this.enterNew(actor)
  }

  /** Ops that were stored although the page died before anybody was told, and ops sent again by the user. */
  private async enterNew(actor: Actor): Promise<void> {
    for (const op of await actor.engine.outboxItems()) {
      if (op.result === null && !actor.book.has(op.id)) {
        actor.enter(op)
      }
    }
  }

  private async sync(count: number): Promise<void> {
    const chosen = new Set(Array.from({ length: count }, () => this.when.one(this.phones)))
    const desk = this.when.chance(0.3) ? this.deskTurn() : null
    await Promise.all(
      [...chosen].map(async (actor) => {
        actor.line.pageRows = this.when.chance(0.5) ? this.when.one([1, 3, 8, 20]) : 0
        actor.bad(this.has.has('net') && this.when.chance(0.6) ? STORM : CALM)
        actor.isOnline = !(this.has.has('net') && this.when.chance(0.05))
        await this.mortal(actor, 0.15, () => actor.engine.syncNow())
      }),
    )
    await desk
    for (const actor of chosen) this.problems.push(...(await checkAlways(actor)))
  }

  /** Runs it, or dies somewhere in it and starts again. */
  private async mortal(actor: Actor, share: number, work: () => Promise<unknown>): Promise<void> {
    const dies = this.has.has('phone') && this.when.chance(share)
    const after = this.when.whole(0, 20)
    if (dies) {
      actor.killAt = '*'
      actor.killAfter = after
    }
    try {
      await work()
    } catch (error) {
      if (!(error instanceof Killed)) throw error
    }
    // Some steps swallow what comes after the op is stored; the page is dead all the same.
    const died = dies && actor.killAt === null
    actor.killAt = null
    if (!died) return
    this.say(actor.name, 'dies and starts again')
    this.figures['device kills']! += 1
    await actor.restart()
    await this.enterNew(actor)
  }

  private async deskTurn(): Promise<void> {
    this.figures['desk commands']! += 1
    this.say('desk', await deskWork(this.desk, this.people, this.goods, this.has.has('access')))
  }

  private setClock(actor: Actor): void {
    actor.skew = this.people.one([-YEAR, YEAR, -3_600_000, 3_600_000, 0, 0])
    this.say(actor.name, `the clock is ${actor.skew / 3_600_000} hours off`)
  }

  /** Rights, supervisors and the team setting change. */
  private async rights(): Promise<void> {
    const kind = this.people.weighted({ role: 1, supervisor: 1, team: 1 })
    const { boss } = this
    if (kind === 'team') {
      const company = [...(await boss.listed('company')).values()][0]!
      const held = company.managers_hold_team === true
      await boss.do('company.edit', { id: company.id, set: { managers_hold_team: [held, !held] } })
      this.say('boss', `managers hold their team: ${!held}`)
      return
    }
    const employees = await boss.listed('employee')
    const person = employees.get(this.people.one(this.phones).employee)!
    if (kind === 'supervisor') {
      const manager = this.phones.find((phone) => phone.username === 'manager')!.employee
      const next = person.supervisor_id === null && person.id !== manager ? manager : null
      const set = { supervisor_id: [person.supervisor_id, next] }
      if (person.supervisor_id !== next) await boss.do('employee.edit', { id: person.id, set })
      this.say('boss', `${String(person.username)} reports to ${next ?? 'nobody'}`)
      return
    }
    const role = (await boss.listed('role')).get(String(person.role_id))!
    const permissions = role.permissions as Record<string, string>
    const name = this.people.one(['payment.view', 'visit.view', 'order.view', 'worklog.view', 'conflict.view'])
    const { [name]: now, ...others } = permissions
    const next = now === undefined ? { ...others, [name]: 'own' } : others
    await boss.do('role.edit', { id: role.id, set: { permissions: [permissions, next] } })
    this.say('boss', `${String(role.name)}: ${name} ${now === undefined ? 'given' : 'taken'}`)
  }

  private async stall(): Promise<void> {
    const seconds = this.when.whole(2, 20) / 10
    this.say('server', `somebody's transaction stays open for ${seconds} s`)
    this.figures['long transactions']! += 1
    await ask('stall', { seconds })
  }

  /** SIGKILL to the server while phones push. */
  private async crash(): Promise<void> {
    const delay = this.when.whole(0, 60)
    const phones = [this.when.one(this.phones), this.when.one(this.phones)]
    let killed: Promise<unknown> | null = null
    const kill = () => (killed ??= new Promise((resolve) => setTimeout(resolve, delay)).then(() => ask('kill')))
    for (const phone of phones) {
      phone.calm()
      phone.line.onPush = () => void kill()
    }
    await Promise.all([...new Set(phones)].map((phone) => phone.engine.syncNow()))
    for (const phone of phones) phone.line.onPush = null
    await kill()
    for (const phone of this.phones) await phone.line.drain()
    await ask('start')
    this.figures['server kills']! += 1
    this.say('server', `killed ${delay} ms into a push, started again`)
  }

  async quiet(): Promise<void> {
    for (const phone of this.phones) {
      phone.calm()
      await phone.line.drain()
    }
    await ask('unstall')
    this.say('all', 'quiet')
    for (let round = 0; round < 6; round++) {
      for (const phone of this.phones) await phone.engine.syncNow()
      if (
        this.phones.every(({ engine }) => engine.status.value.state === 'idle' && engine.status.value.waiting === 0)
      )
        break
    }
    for (const phone of this.phones) await phone.engine.syncNow()
    const access = await ask('access')
    for (const phone of this.phones) {
      const { problems, rows } = await checkQuiet(phone, access)
      this.problems.push(...(await checkAlways(phone)), ...problems)
      this.figures['rows compared']! += rows
    }
    const books = new Set(this.phones.map((phone) => phone.book))
    const ledger = [...books].flatMap((book) => [...book.values()])
    this.problems.push(...(await ask('audit', { ledger })))
    this.figures.ops! += ledger.length
    for (const { status } of ledger) this.figures[status ?? 'unknown'] = (this.figures[status ?? 'unknown'] ?? 0) + 1
    this.figures.checks! += 1
    tell({ figures: this.figures })
    for (const book of books) book.clear()
  }

  private say(who: string, text: string): void {
    this.story.push({ step: this.at, who, text })
    if (/: 5\d\d /.test(text)) this.problems.push(`${who}: ${text}`)
  }

  /** What happened to the rows and devices that the problems speak of, and what hit the whole company. */
  shortStory(): string[] {
    if (this.problems.length === 0) return []
    const said = this.problems.join('\n')
    const ids = new Set(said.match(/[0-9a-f]{8}-[0-9a-f-]{27}/g))
    const names = new Set(this.phones.map((phone) => phone.name).filter((name) => said.includes(name)))
    return this.story
      .filter(({ who, text }) => who === 'server' || names.has(who) || [...ids].some((id) => text.includes(id)))
      .slice(-MOST_STORY)
      .map(({ step, who, text }) => `${String(step).padStart(5)}  ${who}: ${text}`)
  }
}
