/** Notices, written for everybody or for some, published, withdrawn, read; and people's schedules. */
import type { Row } from '@/sync/types'
import { about, clock, creates, some, word, type Draw } from './draw'

const HOUR = 3_600_000
const there = (notice: Row): boolean => !notice.deleted_at

export const writesNotice: Draw = creates('notice', ({ dice, goods }) => {
  const to = dice.one([
    { audience: 'everybody' },
    { audience: 'some', role_ids: [goods.role] },
    { audience: 'some', department_ids: [goods.department] },
  ])
  return { title: word(dice), content: word(dice), pinned: dice.chance(0.3), ...to }
})

export const publishes: Draw = about(
  'notice.publish',
  'notice',
  (notice) => there(notice) && notice.state !== 'published',
)
export const withdraws: Draw = about(
  'notice.withdraw',
  'notice',
  (notice) => there(notice) && notice.state === 'published',
)
export const removes: Draw = about('notice.delete', 'notice', there)
export const takesBack: Draw = about('notice.restore', 'notice', (notice) => Boolean(notice.deleted_at))

/** Perhaps one that was read already, on another device. */
export const reads: Draw = async (drawing) => {
  const notice = await some(drawing, 'notice', (row) => there(row) && row.state === 'published')
  const args = { id: drawing.actor.engine.newId(), notice_id: notice?.id }
  return notice ? { command: 'notice.read', args, after: [notice] } : null
}

export const entersSchedule: Draw = async (drawing) => {
  const { actor, dice } = drawing
  const customer = dice.chance(0.4) ? await some(drawing, 'customer') : undefined
  const start = Date.parse(clock(actor)) + dice.whole(-24, 96) * HOUR
  const values = {
    title: word(dice),
    start_at: new Date(start).toISOString(),
    end_at: new Date(start + dice.whole(1, 30) * HOUR).toISOString(),
    all_day: dice.chance(0.2),
    ...(customer ? { customer_id: customer.id } : {}),
    ...(dice.chance(0.5) ? { remind_before: dice.one([0, 15, 60, 1440]) } : {}),
  }
  return { command: 'schedule_entry.create', args: { id: actor.engine.newId(), values }, after: [customer] }
}
