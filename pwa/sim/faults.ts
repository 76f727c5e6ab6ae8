/** What happens to a company beside its work, each with a seed of its own. Requests that go astray are the network's
 * (line.ts), pages that die in the middle of something are `mortal` (simulate.ts). */
import type { Actor } from './actor'
import { checkWiped } from './check'
import { CALM } from './line'
import type { Play } from './simulate'
import { ask } from './stage'

export interface Fault {
  /** The name under which it is switched on (`--faults`). */
  kind: string
  /** Beside 90 of ordinary steps. */
  weight: number
  strike(play: Play, actor: Actor): Promise<void> | void
}

const YEAR = 365 * 24 * 3_600_000
const HOUR = 3_600_000

export const FAULTS: Record<string, Fault> = {
  clock: { kind: 'clock', weight: 1, strike: setClock },
  rights: { kind: 'access', weight: 0.7, strike: changeRights },
  stall: { kind: 'stall', weight: 0.4, strike: stall },
  crash: { kind: 'server', weight: 0.25, strike: crash },
  'full disk': { kind: 'disk', weight: 0.8, strike: fillDisk },
  'old build': { kind: 'old', weight: 0.6, strike: downgrade },
  'session ends': { kind: 'session', weight: 0.8, strike: endSession },
  revoke: { kind: 'revoke', weight: 0.25, strike: revoke },
  restore: { kind: 'restore', weight: 0.5, strike: restore },
}

/** Everything that can be switched on. */
export const FAULT_KINDS = ['net', 'tab', 'phone', ...new Set(Object.values(FAULTS).map(({ kind }) => kind))]

function setClock(play: Play, actor: Actor): void {
  actor.skew = play.people.one([-YEAR, YEAR, -HOUR, HOUR, 0, 0])
  play.count('clocks set')
  play.say(actor.name, `the clock is ${actor.skew / HOUR} hours off`)
}

/** Rights, supervisors and the team setting change. */
async function changeRights(play: Play): Promise<void> {
  const { boss } = play
  play.count('rights changed')
  const kind = play.people.weighted({ role: 1, supervisor: 1, team: 1 })
  if (kind === 'team') {
    const company = [...(await boss.listed('company')).values()][0]!
    const held = company.managers_hold_team === true
    await boss.do('company.edit', { id: company.id, set: { managers_hold_team: [held, !held] } })
    play.say('boss', `managers hold their team: ${!held}`)
    return
  }
  const field = play.phones.filter((phone) => !phone.office)
  if (field.length === 0) return
  const employees = await boss.listed('employee')
  const person = employees.get(play.people.one(field).employee)!
  if (kind === 'supervisor') {
    const manager = [...employees.values()].find(({ username }) => username === 'manager')!.id
    const next = person.supervisor_id === null && person.id !== manager ? manager : null
    const set = { supervisor_id: [person.supervisor_id, next] }
    if (person.supervisor_id !== next) await boss.do('employee.edit', { id: person.id, set })
    play.say('boss', `${String(person.username)} reports to ${next ?? 'nobody'}`)
    return
  }
  const role = (await boss.listed('role')).get(String(person.role_id))!
  const permissions = role.permissions as Record<string, string>
  const name = play.people.one(['payment.view', 'visit.view', 'order.view', 'worklog.view', 'conflict.view'])
  const { [name]: now, ...others } = permissions
  const next = now === undefined ? { ...others, [name]: 'own' } : others
  await boss.do('role.edit', { id: role.id, set: { permissions: [permissions, next] } })
  play.say('boss', `${String(role.name)}: ${name} ${now === undefined ? 'given' : 'taken'}`)
}

async function stall(play: Play): Promise<void> {
  const seconds = play.when.whole(1, 10) / 10
  play.say('server', `somebody's transaction stays open for ${seconds} s`)
  play.count('long transactions')
  await ask('stall', { seconds })
}

/** SIGKILL to the server while phones push. */
async function crash(play: Play): Promise<void> {
  const delay = play.when.whole(0, 60)
  const phones = [play.when.one(play.phones), play.when.one(play.phones)]
  let killed: Promise<unknown> | null = null
  const kill = () => (killed ??= new Promise((resolve) => setTimeout(resolve, delay)).then(() => ask('kill')))
  for (const phone of phones) {
    phone.calm()
    phone.line.onPush = () => void kill()
  }
  await Promise.all([...new Set(phones)].map((phone) => phone.engine.syncNow()))
  for (const phone of phones) phone.line.onPush = null
  await kill()
  for (const phone of play.phones) await phone.line.drain()
  await ask('start')
  play.count('server kills')
  play.say('server', `killed ${delay} ms into a push, started again`)
}

/** Nothing more can be stored, until the user makes room (`mend`). */
function fillDisk(play: Play, actor: Actor): void {
  actor.diskIsFull = true
  play.count('full disks')
  play.say(actor.name, 'the disk is full')
}

/** The browser brings back an old build of the app: it may deliver, but gets nothing until it is updated. */
async function downgrade(play: Play, actor: Actor): Promise<void> {
  actor.outdated = true
  actor.calm()
  actor.diskIsFull = false
  await actor.restart()
  play.count('old builds')
  play.say(actor.name, 'runs an old build')
  await actor.engine.syncNow()
  const { state, waiting } = actor.engine.status.value
  if (state === 'needs_login') return
  if (state !== 'needs_update')
    play.problems.push(`${actor.name}: an old build is not told to update: ${actor.problem}`)
  if (waiting > 0) play.problems.push(`${actor.name}: an old build cannot deliver ${waiting} ops`)
}

/** Logged out by somebody else, or a new password: the phone finds out at its next request. */
async function endSession(play: Play, actor: Actor): Promise<void> {
  play.count('sessions ended')
  if (play.when.chance(0.5)) {
    await play.boss.do('employee.set_password', { id: actor.employee, password: play.cast.password })
    play.say('boss', `gives ${actor.username} a new password`)
    // One's own session goes with it, too, where it is one's own.
    for (const person of [play.boss, play.desk]) if (person.username === actor.username) await person.signIn()
    return
  }
  const { cookie } = actor.line
  await actor.line.json('POST', '/api/logout').catch(() => {})
  actor.line.cookie = cookie
  play.say(actor.name, 'the session is over')
}

/** A device is lost and revoked; its owner gets another. What the old one still delivers is put aside (quiet.ts). */
async function revoke(play: Play, actor: Actor): Promise<void> {
  const shared = play.phones.some((other) => other !== actor && other.factory === actor.factory)
  // A revoked device is told nothing any more, not even that the server was restored.
  const behind = [...actor.book.values()].some(({ restored }) => restored)
  if (shared || behind || play.backup || actor.engine.status.value.state === 'needs_login') return
  actor.calm()
  actor.diskIsFull = false
  await actor.line.drain()
  await play.boss.do('device.revoke', { id: actor.device })
  play.count('devices revoked')
  play.say('boss', `revokes ${actor.name}`)
  await actor.engine.syncNow()
  await actor.engine.syncNow()
  const { state } = actor.engine.status.value
  if (state !== 'revoked') play.problems.push(`${actor.name}: was revoked and says ${actor.problem}`)
  play.problems.push(...(await checkWiped(actor)))
  play.retired.push(actor)
  const successor = play.actor(actor.username, `${actor.name}+`)
  successor.office = actor.office
  successor.bad(CALM)
  await successor.settle()
  play.phones[play.phones.indexOf(actor)] = successor
}

/** The database is put back to the copy: what was done since is gone, and comes again from the phones. */
async function restore(play: Play): Promise<void> {
  if (!play.backup) return
  await ask('unstall')
  for (const phone of play.phones) await phone.line.drain()
  await ask('restore')
  play.backup = false
  play.count('restores')
  play.say('server', 'the database is restored from the copy')
  for (const phone of play.phones) {
    for (const entry of phone.book.values()) if (entry.status !== null) entry.restored = true
  }
  for (const person of [play.boss, play.desk]) await person.signIn()
}
