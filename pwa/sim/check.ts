/** What must be true of a device: always, and when everything is quiet. */
import type { OutboxOp, Row } from '@/sync/types'
import { DECLARED, PATHS, type Actor, type ServerMe } from './actor'

interface Wish {
  type: string
  id: string
  field: string
  base: unknown
  mine: unknown
  op: string
  seq: number
}
type Wanted = Map<string, Wish>

/** Always: no op disappears, and what its author has changed stays as he has left it. */
export async function checkAlways(actor: Actor): Promise<string[]> {
  const problems: string[] = []
  const items = await actor.engine.outboxItems()
  const there = new Set(items.map((op) => op.id))
  for (const entry of actor.book.values()) {
    if (there.has(entry.op) || entry.gone) continue
    const name = `${actor.name}: ${entry.command} ${entry.op}`
    if (entry.status === null) problems.push(`${name} has left the outbox without an answer`)
    else if (['rejected', 'held', 'conflict', 'adjusted'].includes(entry.status)) {
      problems.push(`${name} (${entry.status}) has left the outbox before its author has seen what became of it`)
    }
  }
  const numbers = new Map(items.map((op) => [op.id, op.seq]))
  for (const wish of wantedBy(actor, items).values()) {
    const { type, id, field, mine, op, seq } = wish
    const row = await actor.engine.get(type, id)
    // Another op of one's own may have changed it since, in ways only the areas know (a decided conflict).
    const last = row?._op && Math.max(...row._op.map((other) => numbers.get(other) ?? 0))
    if (row && !shows(row[field], wish) && last !== undefined && last <= seq) {
      problems.push(
        `${actor.name}: ${type} ${id} shows ${field} = ${json(row[field])}, its author wrote ${json(mine)} (${op})`,
      )
    }
  }
  return problems
}

/** What the waiting edits of this person want to see: field by field, the last word. */
function wantedBy(actor: Actor, items: Array<OutboxOp & { problem: string | null }>): Wanted {
  const wanted: Wanted = new Map()
  for (const op of items) {
    const pending = op.employee === actor.employee && (op.state === 'waiting' || op.state === 'sending')
    if (!pending || op.problem !== null || !op.command.endsWith('.edit')) continue
    const type = op.command.slice(0, op.command.lastIndexOf('.'))
    const { id, set } = op.args as { id: string; set: Record<string, [unknown, unknown]> }
    for (const [field, [base, mine]] of Object.entries(set)) {
      wanted.set(`${type}/${id}/${field}`, { type, id, field, base, mine, op: op.id, seq: op.seq })
    }
  }
  return wanted
}

/** Whether a value is what its author wants to see: his own, or, where the company joins values, joined with others'. */
function shows(value: unknown, { type, field, base, mine }: Wish): boolean {
  if (same(value, mine)) return true
  const policy = DECLARED.records[type]?.fields.find(({ name }) => name === field)?.policy
  if (policy === 'append' && typeof mine === 'string') {
    const added = typeof base === 'string' && mine.startsWith(base) ? mine.slice(base.length) : mine
    return typeof value === 'string' && value.includes(added.trim())
  }
  return false
}

/** What one person may see of everything, by REST; asked once for all his devices. */
export type Company = Map<string, Map<string, Row>>

export async function seenBy(actor: Actor): Promise<Company> {
  const seen: Company = new Map()
  for (const type of Object.keys(PATHS)) {
    const permission = (DECLARED.records[type] as { permission?: string }).permission ?? type
    const mayView = (actor.engine.me as ServerMe).permissions[`${permission}.view`] !== undefined
    seen.set(type, mayView ? await actor.listed(type) : new Map())
  }
  return seen
}

/** When quiet: the device shows what the company has, exactly as far as it may hold it, and keeps nothing else. */
export async function checkQuiet(
  actor: Actor,
  access: Record<string, string[]>,
  company?: Company,
): Promise<{ problems: string[]; rows: number }> {
  const problems: string[] = []
  let rows = 0
  const complain = (text: string): void => void problems.push(`${actor.name}: ${text}`)
  const state = actor.engine.status.value
  if (state.state !== 'idle') complain(`is not at rest: ${actor.problem}`)
  if (state.waiting + state.sending > 0) complain(`${state.waiting} waiting, ${state.sending} sending`)
  if (state.blobs > 0) complain(`${state.blobs} photos are still on their way`)
  const held = new Set(access[actor.employee] ?? [])
  const seen = company ?? (await seenBy(actor))
  for (const type of Object.keys(PATHS)) {
    const there = seen.get(type)!
    const here = new Map((await actor.engine.rows(type)).map((row) => [row.id, row]))
    rows += here.size
    for (const [id, row] of here) {
      if (row._op) complain(`${type} ${id} still shows unsent work ${row._op.join()}`)
      if (!held.has(row.root)) complain(`${type} ${id} is on the device, but ${row.root} is not for it`)
      const theirs = there.get(id)
      if (!theirs) {
        complain(`${type} ${id} (${row.root}, rev ${row.rev}) is on the device, but not to be seen by REST`)
        continue
      }
      for (const field of Object.keys(theirs)) {
        if (!same(theirs[field], row[field])) {
          complain(
            `${type} ${id} (rev ${row.rev}): ${field} is ${json(row[field])} here, ${json(theirs[field])} there`,
          )
        }
      }
    }
    for (const [id, row] of there) {
      if (!here.has(id) && held.has(rootOf(type, row))) complain(`${type} ${id} of ${rootOf(type, row)} is missing`)
    }
  }
  problems.push(...(await checkHidden(actor, held)))
  return { problems, rows }
}

interface Hidden {
  toArray(): Promise<Array<Record<string, unknown>>>
}

/** What screens do not show: shadows, marks, rows of unknown types, roots, pictures. */
async function checkHidden(actor: Actor, held: ReadonlySet<string>): Promise<string[]> {
  const { cache, outbox } = (
    actor.engine as unknown as {
      stores: { cache: { table(name: string): Hidden }; outbox: { blobs: Hidden; bytes: Hidden } }
    }
  ).stores
  const problems: string[] = []
  const complain = (text: string): void => void problems.push(`${actor.name}: ${text}`)
  for (const { type, id } of await cache.table('_shadow').toArray()) {
    complain(`a copy of ${json(type)} ${json(id)} is left although nothing waits`)
  }
  for (const { type, id, root } of await cache.table('_strangers').toArray()) {
    if (!held.has(String(root))) complain(`${json(type)} ${json(id)} of ${json(root)} is on the device unseen`)
  }
  for (const { root, held: live } of await cache.table('_roots').toArray()) {
    if (live === 1 && !held.has(String(root))) complain(`believes to hold ${json(root)}`)
    if (live === 0 && held.has(String(root))) complain(`believes to have lost ${json(root)}`)
  }
  for (const { type, id } of await cache.table('_stale').toArray()) {
    complain(`${json(type)} ${json(id)} is still expected`)
  }
  const waiting = new Set((await outbox.blobs.toArray()).map(({ photo_id }) => photo_id))
  for (const { photo_id } of await outbox.bytes.toArray()) {
    if (!waiting.has(photo_id))
      complain(`the bytes of photo ${json(photo_id)} are on the device, and nothing says why`)
  }
  return problems
}

/** After "wipe": nothing of the company is left, only what its user has not delivered. */
export async function checkWiped(actor: Actor): Promise<string[]> {
  const problems: string[] = []
  for (const type of Object.keys(PATHS)) {
    const rows = (await actor.engine.rows(type)).filter((row) => !row._op)
    if (rows.length > 0) problems.push(`${actor.name}: was wiped and still has ${rows.length} ${type}`)
  }
  return problems
}

export function rootOf(type: string, row: Row): string {
  for (const choice of (DECLARED.records[type]?.root ?? 'company').split('|')) {
    const [kind, field] = choice.split(':')
    const key = field ? row[field] : undefined
    if (typeof key === 'string' && key !== '') return `${kind}:${key}`
  }
  return 'company'
}

function json(value: unknown): string {
  return JSON.stringify(value) ?? 'nothing'
}

function same(a: unknown, b: unknown): boolean {
  return canonical(a ?? null) === canonical(b ?? null)
}

/** Keys in order: engines order the keys of JSON columns as they like. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${entries.map(([key, part]) => `${key}:${canonical(part)}`).join()}}`
}
