/** Days on which one worked and of which there is no report yet, as this device knows them. */
import type { Row } from '@/sync/types'
import { addDays, dayOf } from '@/ui/format'

/** Days back that are still worth a report. */
export const LOOK_BACK = 7

/** Latest first; today is not among them, its day is not over. */
export function unreported(visits: Iterable<Row>, reports: Iterable<Row>, me: string, today: string): string[] {
  const first = addDays(today, -LOOK_BACK)
  const written = new Set<unknown>()
  for (const row of reports) {
    if (row.author_id === me && row.kind === 'day' && !row.deleted_at) written.add(row.report_date)
  }
  const worked = new Set<string>()
  for (const { visitor_id, checked_in_at } of visits) {
    if (visitor_id !== me || typeof checked_in_at !== 'string') continue
    const day = dayOf(checked_in_at)
    if (first <= day && day < today && !written.has(day)) worked.add(day)
  }
  return [...worked].sort().reverse()
}
