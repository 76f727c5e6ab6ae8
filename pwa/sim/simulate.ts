/** Days of a company in minutes: many devices, a desk, and every fault that has a seed.
 *
 * All chance comes from dice of the seed and the step, so that a step does the same whichever others are left out (the
 * order in which the server meets what is sent at the same moment may differ). Every few hundred ops all becomes quiet:
 * the network is good, everything is delivered, and devices and database are looked at (quiet.ts). */
import { Killed } from '@/sync/testing/phone'
import { storageCode, SyncError } from '@/sync/errors'
import { Actor } from './actor'
import { checkAlways } from './check'
import { Dice } from './dice'
import { needs, type Draft, type Goods } from './draw'
import { FAULTS } from './faults'
import { CALM, Refused, WEATHERED, type Weather } from './line'
import { OFFICE_WORK } from './office'
import { quiet } from './quiet'
import { SABOTAGES, type Sabotage } from './sabotage'
import { tell, type Cast } from './stage'
import { Story } from './story'
import { FIELD_WORK, type Work } from './work'

const QUIET_OPS = 1000
const LISTS_OPEN = 12
const STORM: Weather = { lost: 0.12, unanswered: 0.12, twice: 0.1, late: 0.06, slow: 0.2 }
/** Everybody tries, now and then, what only others may. */
const PRESUMPTUOUS = 0.03

export async function simulate(cast: Cast): Promise<void> {
  const play = new Play(cast)
  listen(play)
  await play.prepare()
  const last = cast.only?.at(-1) ?? cast.steps
  for (let step = 1; step <= last && play.problems.length === 0; step++) {
    if (cast.only === null || cast.only.includes(step)) await play.step(step)
    const ends = step === last || (cast.ops > 0 && play.written >= cast.ops)
    if (play.problems.length === 0 && (ends || play.unchecked >= QUIET_OPS)) await quiet(play)
    if (ends) break
  }
  for (const [kind, count] of Object.entries(WEATHERED)) play.count(`requests ${kind}`, count)
  const people = play.phones.map(({ name }) => name)
  tell({
    ...play.story.tell(play.problems.slice(0, 20), people, cast.only !== null),
    figures: play.figures,
    commands: play.commands,
  })
}

/** What nobody caught, and what the engine swallows and says on the console, is a problem, but for pages that die. */
function listen({ problems }: Play): void {
  const told = (error: unknown): string => (error instanceof Error ? (error.stack ?? error.message) : String(error))
  process.on('unhandledRejection', (error) => {
    if (!isGone(error)) problems.push(`nobody caught: ${told(error)}`)
  })
  console.error = (...said: unknown[]) => {
    if (!said.some(isGone)) problems.push(`on the console: ${said.map(told).join(' ')}`)
  }
  // The same promises, if somebody asks for them late.
  process.removeAllListeners('warning')
  process.on('warning', (warning) => {
    if (warning.name !== 'PromiseRejectionHandledWarning') console.warn(warning)
  })
}

/** A page that is gone leaves its promises behind. */
function isGone(error: unknown): boolean {
  return error instanceof Error && /Killed|DatabaseClosed|Abort|InvalidState/.test(error.name)
}

export class Play {
  readonly problems: string[] = []
  readonly figures: Record<string, number> = {}
  /** How often each command was written on a device. */
  readonly commands: Record<string, number> = {}
  readonly story = new Story()
  readonly phones: Actor[] = []
  /** Revoked devices whose ops have not been judged yet. */
  readonly retired: Actor[] = []
  /** Whether there is a copy of the database to go back to, and for how many quiet moments more. */
  backup = false
  backupAge = 0
  people = new Dice('')
  when = new Dice('')
  desk!: Actor
  boss!: Actor
  goods!: Goods
  written = 0
  unchecked = 0
  private at = 0
  private readonly has: ReadonlySet<string>
  private readonly sabotage: Sabotage | null

  constructor(readonly cast: Cast) {
    this.has = new Set(cast.faults)
    this.sabotage = cast.sabotage === null ? null : (SABOTAGES[cast.sabotage]?.() ?? null)
  }

  async prepare(): Promise<void> {
    this.desk = this.actor('clerk', 'desk')
    this.boss = this.actor('boss', 'boss')
    this.desk.office = this.boss.office = true
    await this.desk.settle()
    await this.boss.settle()
    const cast: Array<[name: string, username: string]> = [
      ['rep', 'rep'],
      ["rep's tablet", 'rep'],
      ['rep2', 'rep2'],
      ['stranger', 'stranger'],
      ['manager', 'manager'],
      ["clerk's phone", 'clerk'],
      ["boss's phone", 'boss'],
    ]
    for (const [name, username] of cast) {
      if (this.cast.devices !== null && !this.cast.devices.includes(name)) continue
      const phone = this.actor(username, name)
      phone.office = username === 'clerk' || username === 'boss'
      await phone.settle()
      phone.sabotage = this.sabotage
      this.phones.push(phone)
    }
    const rep = this.phones.find(({ name }) => name === 'rep')
    if (this.has.has('tab') && rep) {
      const tab = rep.tab("rep's second tab")
      await tab.start()
      this.phones.push(tab)
    }
    this.goods = await this.stock()
  }

  actor(username: string, name: string): Actor {
    return new Actor(this.cast, username, name, (who, text) => this.say(who, text))
  }

  private async stock(): Promise<Goods> {
    const options = [...(await this.boss.listed('option')).values()]
    const of = (list: string) => options.filter((option) => option.list_name === list).map((option) => option.id)
    const products = []
    for (let i = 0; i < 5; i++) {
      const id = this.boss.engine.newId()
      const values = { name: `产品${i}`, unit_id: of('unit')[0], price: `${9 + i}.00` }
      await this.boss.do('product.create', { id, values })
      products.push(id)
    }
    const employees = [...new Set(this.phones.map((phone) => phone.employee))]
    const { department_id } = this.boss.account.employee
    const roles = [...(await this.boss.listed('role')).values()]
    return {
      products,
      employees,
      methods: of('payment_method'),
      stages: of('sales_stage'),
      complaints: of('complaint_kind'),
      units: of('unit'),
      carriers: of('logistics'),
      department: String(department_id),
      role: roles.find((role) => role.name === '销售员')!.id,
    }
  }

  async step(step: number): Promise<void> {
    this.at = step
    this.count('steps')
    const { seed } = this.cast
    this.when = new Dice(`${seed}/${step}/when`)
    this.people = new Dice(`${seed}/${step}/people`)
    for (const phone of this.phones) phone.line.dice = new Dice(`${seed}/${step}/${phone.name}`)
    const faults = Object.entries(FAULTS).filter(([, fault]) => this.has.has(fault.kind))
    const kind = this.when.weighted<string>({
      work: 50,
      sync: 30,
      desk: 10,
      ...Object.fromEntries(faults.map(([name, fault]) => [name, fault.weight])),
    })
    const actor = this.when.one(this.phones)
    // At a desk a list stays open for a while, and what it shows grows old.
    if (step % LISTS_OPEN === 0) for (const person of [...this.phones, this.desk]) person.lists.clear()
    try {
      if (kind === 'work') await this.work(actor)
      else if (kind === 'sync') await this.sync(this.when.whole(1, 3))
      else if (kind === 'desk') await this.deskTurn(this.people.whole(1, 4))
      else await FAULTS[kind]!.strike(this, actor)
      if (this.sabotage?.device && this.unchecked > 20) await this.sabotage.device(actor)
    } catch (error) {
      this.problems.push(`step ${step} (${kind}): ${error instanceof Error ? error.stack : String(error)}`)
    }
    if (this.phones.includes(actor)) this.problems.push(...(await checkAlways(actor)))
  }

  /** Somebody works for a while without looking at the network. */
  private async work(actor: Actor): Promise<void> {
    const { people, cast } = this
    if (people.chance(0.35)) await this.mortal(actor, 0.05, () => this.unlessFull(() => this.syncPage(actor)))
    const burst = people.chance(0.7) ? people.whole(1, 6) : people.whole(8, 40)
    for (let left = Math.min(burst, cast.burst); left > 0; left--) {
      const draft = await this.draw(actor)
      if (!draft) continue
      let stored = true
      await this.mortal(actor, 0.006, async () => {
        const { command, args, photos, unwanted } = draft
        stored = await this.unlessFull(() => actor.submit(command, args, { needs: needs(draft), photos, unwanted }))
      })
      if (stored) this.commands[draft.command] = (this.commands[draft.command] ?? 0) + 1
    }
    await this.enterNew(actor)
  }

  /** False where the disk was full: the user is told, nothing is stored. */
  private async unlessFull(work: () => Promise<unknown>): Promise<boolean> {
    try {
      await work()
      return true
    } catch (error) {
      if (storageCode(error) !== 'storage_full') throw error
      this.count('refused by a full disk')
      return false
    }
  }

  /** What this person writes next; null when there is nothing to write it about. */
  async draw(actor: Actor): Promise<Draft | null> {
    const { people: dice, goods } = this
    const office = actor.office || actor.username === 'manager' || dice.chance(PRESUMPTUOUS)
    const work: Record<string, Work> = office
      ? dice.chance(actor.office ? 0.7 : 0.4)
        ? OFFICE_WORK
        : FIELD_WORK
      : FIELD_WORK
    const weights = Object.fromEntries(Object.entries(work).map(([name, { weight }]) => [name, weight]))
    const name = dice.weighted(weights)
    if (name === 'customer.assign' && !this.has.has('access')) return null
    return work[name]!.draw({ actor, dice, goods })
  }

  /** The user looks at what became of his work: dismisses, corrects, gives up. */
  private async syncPage(actor: Actor): Promise<void> {
    for (const op of await actor.engine.needsYou()) {
      actor.putAway(op.id)
      if (op.result?.status !== 'rejected') await actor.engine.dismiss(op.id)
      else if (this.people.chance(0.15)) await this.retry(actor, op.id)
      else await actor.engine.discard(op.id)
    }
    await this.enterNew(actor)
  }

  private async retry(actor: Actor, id: string): Promise<void> {
    // What was rejected only because this one was is sent again with it.
    for (const op of await actor.engine.outboxItems()) {
      if (op.result?.code === 'needs_rejected') actor.putAway(op.id)
    }
    try {
      await actor.engine.retry(id)
    } catch (error) {
      // It went with another that it stands on, a moment ago.
      if (!(error instanceof SyncError && error.code === 'row_missing')) throw error
    }
  }

  /** Ops that were stored although the page died before anybody was told, and ops sent again by the user. */
  async enterNew(actor: Actor): Promise<void> {
    for (const op of await actor.engine.outboxItems()) {
      if (op.result === null && !actor.book.has(op.id)) actor.enter(op)
    }
  }

  private async sync(count: number): Promise<void> {
    const chosen = new Set(Array.from({ length: count }, () => this.when.one(this.phones)))
    const net = this.has.has('net')
    const syncing = [...chosen].map(async (actor) => {
      actor.line.pageRows = this.when.chance(0.25) ? this.when.one([3, 8, 20, 60]) : 0
      actor.bad(net && this.when.chance(0.6) ? STORM : CALM)
      actor.isOnline = !(net && this.when.chance(0.05))
      await this.unlessFull(async () => {
        await this.mend(actor, 0.5)
        await this.mortal(actor, 0.12, () => actor.engine.syncNow())
      })
    })
    if (this.when.chance(0.3)) syncing.push(this.deskTurn(1))
    await Promise.all(syncing)
    for (const actor of chosen) this.problems.push(...(await checkAlways(actor)))
  }

  /** What people do about a phone that says it needs them: sign in, make room, update. */
  async mend(actor: Actor, share: number): Promise<void> {
    if (this.when.chance(share)) actor.diskIsFull = false
    if (actor.outdated && this.when.chance(share)) {
      actor.outdated = false
      await actor.restart()
      this.say(actor.name, 'is updated')
    }
    if (actor.engine.status.value.state === 'needs_login' && this.when.chance(share)) await actor.signIn()
  }

  /** Runs it, or dies somewhere in it and starts again. */
  async mortal(actor: Actor, share: number, work: () => Promise<unknown>): Promise<void> {
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
    this.count('device kills')
    await actor.restart()
    await this.enterNew(actor)
  }

  /** Commands at the desk; refusals by the rules are part of the day. */
  private async deskTurn(count: number): Promise<void> {
    for (let left = Math.min(count, this.cast.burst); left > 0; left--) {
      const draft = await this.draw(this.desk)
      if (!draft || draft.photos) continue
      this.count('desk commands')
      let end = ''
      try {
        end = (await this.desk.do(draft.command, draft.args)).status
        this.count('desk commands done')
      } catch (error) {
        if (!(error instanceof Refused) || error.status >= 500) throw error
        end = error.code
      }
      this.say('desk', `${draft.command} ${JSON.stringify(draft.args).slice(0, 300)}: ${end}`)
    }
  }

  count(what: string, more = 1): void {
    this.figures[what] = (this.figures[what] ?? 0) + more
  }

  say(who: string, text: string): void {
    this.story.add(this.at, who, text)
    if (text.includes('writes ')) {
      this.written += 1
      this.unchecked += 1
    }
    if (/: 5\d\d /.test(text) && !text.includes('busy')) this.problems.push(`${who}: ${text}`)
  }
}
