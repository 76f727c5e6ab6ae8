/** The planned visits of a day in the order in which they are to be made, and what changes that order. */
import { submit } from '@/sync/vue'
import { needsOf } from '../../needs'
import type { Visit } from '../visit'

/** As arranged; what has no place in the route comes after, in the order in which it was planned. */
export function byPlan(a: Visit, b: Visit): number {
  const [first, second] = [a.plan_order ?? Infinity, b.plan_order ?? Infinity]
  if (first !== second) return first - second
  const [earlier, later] = [String(a.created_at ?? ''), String(b.created_at ?? '')]
  return earlier < later ? -1 : earlier > later ? 1 : a.id < b.id ? -1 : 1
}

export const plannedOn = (visits: readonly Visit[], day: string): Visit[] =>
  visits.filter((visit) => visit.state === 'planned' && visit.planned_on === day).sort(byPlan)

/** Keeps this order on the company's side, too. */
export const arrange = (day: string, visits: readonly Visit[]): Promise<unknown> =>
  submit('visit.arrange', { day, ids: visits.map(({ id }) => id) }, { needs: needsOf(...visits) })

/** The list with one of it a place earlier or later. */
export function moved<T>(all: readonly T[], from: number, by: -1 | 1): T[] {
  const to = from + by
  if (to < 0 || to >= all.length || !(from in all)) return [...all]
  const next = [...all]
  next.splice(to, 0, ...next.splice(from, 1))
  return next
}

/** Whole days since a visit; null: never. */
export const daysSince = (last: string | null | undefined, now = Date.now()): number | null =>
  last ? Math.max(0, Math.floor((now - Date.parse(last)) / 86_400_000)) : null
