/** What must be true of a device: always, and when everything is quiet. */
import type { Row } from '@/sync/types'
import { DECLARED, PATHS, type Actor, type ServerMe } from './actor'

/** Always: no op disappears, and what its author has changed stays as he has left it. */
export async function checkAlways(actor: Actor): Promise<string[]> {
  const problems: string[] = []
  const items = await actor.engine.outboxItems()
  const there = new Set(items.map((op) => op.id))
  for (const entry of actor.book.values()) {
    if (entry.status === null && !there.has(entry.op)) {
      problems.push(`${actor.name}: ${entry.command} ${entry.op} has left the outbox without an answer`)
    }
  }
  const wanted = new Map<string, { type: string; id: string; field: string; mine: unknown; op: string }>()
  for (const op of items) {
    const pending = op.employee === actor.employee && (op.state === 'waiting' || op.state === 'sending')
    if (!pending || op.problem !== null || !op.command.endsWith('.edit')) continue
    const type = op.command.slice(0, op.command.lastIndexOf('.'))
    const { id, set } = op.args as { id: string; set: Record<string, [unknown, unknown]> }
    for (const [field, [, mine]] of Object.entries(set)) {
      wanted.set(`${type}/${id}/${field}`, { type, id, field, mine, op: op.id })
    }
  }
  for (const { type, id, field, mine, op } of wanted.values()) {
    const row = await actor.engine.get(type, id)
    // Another op of one's own may have changed it since, in ways only the areas know (a decided conflict).
    const last = row?._op?.[row._op.length - 1]
    if (row && !same(row[field], mine) && last !== undefined && last <= op) {
      problems.push(
        `${actor.name}: ${type} ${id} shows ${field} = ${json(row[field])}, its author wrote ${json(mine)} (${op})`,
      )
    }
  }
  return problems
}

/** When quiet: the device shows what the company has, exactly as far as it may hold it. */
export async function checkQuiet(
  actor: Actor,
  access: Record<string, string[]>,
): Promise<{ problems: string[]; rows: number }> {
  const problems: string[] = []
  let rows = 0
  const complain = (text: string): void => void problems.push(`${actor.name}: ${text}`)
  const state = actor.engine.status.value
  if (state.state !== 'idle') complain(`is not at rest: ${actor.problem}`)
  if (state.waiting + state.sending > 0) complain(`${state.waiting} waiting, ${state.sending} sending`)
  const held = new Set(access[actor.employee] ?? [])
  for (const type of Object.keys(PATHS)) {
    const permission = (DECLARED.records[type] as { permission?: string }).permission ?? type
    const mayView = (actor.engine.me as ServerMe).permissions[`${permission}.view`] !== undefined
    const company = mayView ? await actor.listed(type) : new Map<string, Row>()
    const here = new Map((await actor.engine.rows(type)).map((row) => [row.id, row]))
    rows += here.size
    for (const [id, row] of here) {
      if (row._op) complain(`${type} ${id} still shows unsent work ${row._op.join()}`)
      if (!held.has(row.root)) complain(`${type} ${id} is on the device, but ${row.root} is not for it`)
      const theirs = company.get(id)
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
    for (const [id, row] of company) {
      if (!here.has(id) && held.has(rootOf(type, row))) complain(`${type} ${id} of ${rootOf(type, row)} is missing`)
    }
  }
  return { problems, rows }
}

function rootOf(type: string, row: Row): string {
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
