/** Schedules by day: the grid of a month, what lies on which day, and how far the view goes. Days are the company's. */
import { addDays, clock, dayOf } from '@/ui/format'
import type { Row } from '@/sync/types'
import { periodOf } from '../worklogs/periods'

export interface Entry extends Row {
  person_id: string
  title: string
  all_day: boolean
  start_at: string
  end_at: string
  place: string | null
  customer_id: string | null
  note: string | null
  remind_before: number | null
}

export const VIEWS = ['month', 'week', 'day'] as const
export type View = (typeof VIEWS)[number]
export const isView = (text: unknown): text is View => (VIEWS as readonly unknown[]).includes(text)

/** The days that a view of this day shows, week by week: of a month whole weeks, which begin on Monday. */
export function weeksOf(view: View, day: string): string[][] {
  const { start, end } = periodOf(view, day)
  if (view === 'day') return [[day]]
  const weeks: string[][] = []
  for (let monday = periodOf('week', start).start; monday <= end; monday = addDays(monday, 7))
    weeks.push(Array.from({ length: 7 }, (_, at) => addDays(monday, at)))
  return weeks
}

/** A view earlier or later; in a month the same day of it, or its last. */
export function stepped(view: View, day: string, by: number): string {
  if (view !== 'month') return addDays(day, by * (view === 'week' ? 7 : 1))
  const { start, end } = periodOf('month', day, by)
  const there = `${start.slice(0, 8)}${day.slice(8)}`
  return there > end ? end : there
}

/** First and last day of an entry; one that ends at midnight ends with the day before. */
export function daysOf(entry: Pick<Entry, 'start_at' | 'end_at'>): [string, string] {
  const first = dayOf(entry.start_at)
  const last = dayOf(new Date(Date.parse(entry.end_at) - 1))
  return [first, last < first ? first : last]
}

/** What lies on each of these days: what takes all day first, then by time. */
export function byDay(entries: Iterable<Entry>, from: string, until: string): Map<string, Entry[]> {
  const found = new Map<string, Entry[]>()
  for (const entry of entries) {
    const [first, last] = daysOf(entry)
    for (let day = first < from ? from : first; day <= last && day <= until; day = addDays(day, 1))
      found.set(day, [...(found.get(day) ?? []), entry])
  }
  for (const list of found.values()) list.sort(inOrder)
  return found
}

const inOrder = (a: Entry, b: Entry): number =>
  Number(b.all_day) - Number(a.all_day) || compare(a.start_at, b.start_at) || compare(a.id, b.id)
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** When it is, as said on one of its days: "14:00 – 15:30", "– 10:00" on the last, '' where it takes all of the day. */
export function hoursOn(entry: Entry, day: string): string {
  const [first, last] = daysOf(entry)
  if (entry.all_day || (first < day && day < last)) return ''
  const begins = first === day ? clock(entry.start_at) : ''
  const ends = last === day ? clock(entry.end_at) : ''
  return `${begins} – ${ends}`.trim()
}

/** The moment of a time of the company's day. */
export function momentAt(day: string, time = '00:00'): string {
  const wanted = Date.parse(`${day}T${time}:00Z`)
  let at = wanted
  // Twice: the first step may cross a change of the clocks.
  for (let step = 0; step < 2; step += 1) {
    const shown = new Date(at)
    at += wanted - Date.parse(`${dayOf(shown)}T${clock(shown)}:00Z`)
  }
  return new Date(at).toISOString()
}

/** Minutes before the beginning at which one may be reminded. */
export const LEADS = [0, 5, 15, 30, 60, 120, 1440] as const
/** Of what takes all day: in the morning of the day, or of one before. */
export const DAY_LEADS = [0, 1440, 2880, 10_080] as const

interface Person extends Row {
  supervisor_id?: string | null
  department_id?: string | null
  status?: string
}

/** Whose schedules a right with this scope reaches beside one's own, as far as this device knows: the company decides. */
export function peopleWithin(scope: string | null, me: string, people: ReadonlyMap<string, Person>): Person[] {
  const mine = people.get(me)
  const leads = (person: Person): boolean => {
    const passed = new Set<string>()
    for (let at: Person | undefined = person; at?.supervisor_id && !passed.has(at.id);) {
      if (at.supervisor_id === me) return true
      passed.add(at.id)
      at = people.get(at.supervisor_id)
    }
    return false
  }
  return [...people.values()].filter((person) => {
    if (person.id === me || person.status === 'disabled') return false
    if (scope === 'all') return true
    if (scope === 'department') return person.department_id === mine?.department_id || leads(person)
    return scope === 'subordinates' && leads(person)
  })
}
