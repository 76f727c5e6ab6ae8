/** All becomes quiet: everything is delivered, and devices and database are looked at. */
import { checkAlways, checkQuiet, seenBy, type Company } from './check'
import type { Actor } from './actor'
import { sleep } from './line'
import type { Play } from './simulate'
import { ask, tell } from './stage'

const MOST_ROUNDS = 12
/** Seconds the server has for looking at pictures. */
const PICTURES_WITHIN = 20

export async function quiet(play: Play): Promise<void> {
  for (const phone of [...play.phones, ...play.retired]) {
    phone.calm()
    await phone.line.drain()
  }
  await ask('unstall')
  play.say('all', 'quiet')
  for (const phone of play.phones) await play.mend(phone, 1)
  await deliver(play)
  await judgeRetired(play)
  await seePictures(play)
  for (const phone of play.phones) await phone.engine.syncNow()
  await look(play)
  play.unchecked = 0
  tell({ figures: play.figures })
}

/** Until every outbox is empty and every photo is up. */
async function deliver(play: Play): Promise<void> {
  for (let round = 0; round < MOST_ROUNDS; round++) {
    for (const phone of [...play.phones, ...play.retired]) {
      await phone.engine.syncNow()
      if (phone.engine.status.value.state === 'needs_login') await phone.signIn()
    }
    const busy = play.phones.filter(({ engine: { status } }) => {
      const { state, waiting, sending, blobs } = status.value
      return state !== 'idle' || waiting + sending + blobs > 0
    })
    if (busy.length === 0 && !(await askAgain(play))) return
    // A photo, or a server that was busy, says when to come again; here nobody waits so long.
    await sleep(50 * round)
    for (const phone of busy) if (round > 1) await phone.restart()
  }
}

/** An op that was kept because what it needs had not come is asked about a minute later, by the phone's clock: that
 * minute passes at once. */
async function askAgain(play: Play): Promise<boolean> {
  let waits = false
  for (const phone of play.phones) {
    const items = await phone.engine.outboxItems()
    if (!items.some(({ result }) => result?.status === 'held' && result.code === 'needs_missing')) continue
    waits = true
    phone.skew += 61_000
  }
  return waits
}

/** The boss lets run what revoked devices have delivered. */
async function judgeRetired(play: Play): Promise<void> {
  for (const phone of play.retired) {
    for (const entry of phone.book.values()) {
      if (entry.status !== 'held' || entry.code !== 'quarantined') continue
      const path = `/api/kept-ops/${entry.device}/${entry.op}/replay`
      const { status, code } = await play.boss.line.json<{ status: string; code: string | null }>('POST', path)
      entry.status = status
      entry.code = code
      play.count('quarantined ops replayed')
      play.say('boss', `lets run ${entry.command} (op ${entry.op}) of a revoked device: ${status} ${code ?? ''}`)
    }
  }
}

async function seePictures(play: Play): Promise<void> {
  if (!play.commands['photo.attach']) return
  for (const end = Date.now() + PICTURES_WITHIN * 1000; ; await sleep(100)) {
    const { items } = await play.boss.line.json<{ items: Array<{ id: string; uploaded_at: string | null }> }>(
      'GET',
      '/api/photos?verdict=pending&limit=100',
    )
    const late = items.filter(({ uploaded_at }) => uploaded_at !== null)
    if (late.length === 0) return
    if (Date.now() > end) {
      for (const { id } of late) play.problems.push(`photo ${id} has arrived and has not been looked at`)
      return
    }
  }
}

async function look(play: Play): Promise<void> {
  const access = await ask('access')
  const company = new Map<string, Company>()
  for (const phone of play.phones) {
    if (!company.has(phone.employee)) company.set(phone.employee, await seenBy(phone))
    let { problems, rows } = await checkQuiet(phone, access, company.get(phone.employee))
    if (problems.length > 0) {
      // Timed work and judgements write while one looks. What was lost does not come with another pull.
      await phone.engine.syncNow()
      company.set(phone.employee, await seenBy(phone))
      ;({ problems, rows } = await checkQuiet(phone, await ask('access'), company.get(phone.employee)))
    }
    play.problems.push(...(await checkAlways(phone)), ...problems)
    play.count('rows compared', rows)
    if (rows === 0) play.problems.push(`${phone.name}: holds nothing at all`)
  }
  const all: Actor[] = [...play.phones, ...play.retired]
  const books = new Set(all.map((phone) => phone.book))
  const ledger = [...books].flatMap((book) => [...book.values()])
  play.problems.push(...(await ask('audit', { ledger })))
  play.count('checks')
  for (const book of books) {
    for (const entry of book.values()) {
      if (!entry.counted) {
        play.count('ops')
        play.count(entry.status ?? 'unknown')
      }
      entry.counted = true
    }
    // What would have to come again after a restore stays in the book.
    if (!play.backup) book.clear()
  }
  play.retired.length = 0
  await keepOrForgetBackup(play)
}

/** Now and then a copy of the database is kept, for some hundred ops; `restore` may go back to it (faults.ts). */
async function keepOrForgetBackup(play: Play): Promise<void> {
  if (play.backup) {
    play.backup = --play.backupAge > 0
  } else if (play.problems.length === 0 && play.cast.faults.includes('restore') && play.when.chance(0.5)) {
    await ask('backup')
    play.count('backups')
    play.say('server', 'a copy of the database is kept')
    play.backup = true
    play.backupAge = 2
  }
}
