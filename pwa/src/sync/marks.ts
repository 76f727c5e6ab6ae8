/** The one small mark beside everything the user made: where it is. */

import type { Stores } from './stores'
import type { Mark, OutboxOp } from './types'

/** What one op says of the rows it touches. */
function markOfOp(op: OutboxOp): Mark {
  if (op.attention === 1) return 'needs_you'
  if (op.state === 'waiting') return 'phone'
  return op.state === 'sending' ? 'sending' : 'company'
}

const WEIGHT: Record<Mark, number> = { company: 0, sending: 1, phone: 2, needs_you: 3 }

const heavier = (a: Mark, b: Mark): Mark => (WEIGHT[b] > WEIGHT[a] ? b : a)

type Sources = Pick<Stores, 'outbox' | 'cache'>

export async function markOf({ outbox, cache }: Sources, type: string, id: string): Promise<Mark> {
  const marks = await cache.guard(() => cache.marks.where('touched').equals(`${type}/${id}`).toArray())
  const ops = await outbox.guard(async () => {
    const touching = await outbox.ops.bulkGet(marks.map((mark) => mark.op))
    const about = await outbox.ops.where('about.id').equals(id).toArray()
    return [...touching, ...about.filter((op) => op.about?.type === type)]
  })
  return ops.reduce<Mark>((mark, op) => (op ? heavier(mark, markOfOp(op)) : mark), 'company')
}

export async function marksOf({ outbox, cache }: Sources, type: string): Promise<Map<string, Mark>> {
  const [ops, marks] = await Promise.all([
    outbox.all(),
    cache.guard(() => cache.marks.where('touched').startsWith(`${type}/`).distinct().toArray()),
  ])
  const touched = new Map(marks.map((mark) => [mark.op, mark.touched]))
  const found = new Map<string, Mark>()
  for (const op of ops) {
    const mark = markOfOp(op)
    if (mark === 'company') continue
    const ids = new Set((touched.get(op.id) ?? []).flatMap((key) => idIn(key, type)))
    if (op.about?.type === type) ids.add(op.about.id)
    for (const id of ids) found.set(id, heavier(found.get(id) ?? 'company', mark))
  }
  return found
}

function idIn(key: string, type: string): string[] {
  return key.startsWith(`${type}/`) ? [key.slice(type.length + 1)] : []
}
