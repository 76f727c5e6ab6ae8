/** Whom to visit on a day: who is due by then first, then who is near, then who has been left alone longest. */
import { dayOf } from '@/ui/format'
import type { Customer } from '../customers/types'
import { metresAway } from './place'

export function suggested(rows: readonly Customer[], day: string): Customer[] {
  const weighed = rows.map((row) => {
    const due = typeof row.next_contact_at === 'string' && dayOf(row.next_contact_at) <= day
    return { row, due, metres: metresAway(row) ?? Infinity, last: row.last_contact_at ?? row.last_visit_at ?? '' }
  })
  return weighed
    .sort(
      (a, b) =>
        Number(b.due) - Number(a.due) ||
        (a.metres === b.metres ? 0 : a.metres - b.metres) ||
        (a.last < b.last ? -1 : a.last > b.last ? 1 : 0),
    )
    .map(({ row }) => row)
}
