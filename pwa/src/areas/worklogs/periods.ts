/** What reports and plans are about, on this phone as the company reckons it. */
import { addDays, shortDate } from '@/ui/format'
import { periodName, periodOf as calendar, type Period } from '../targets/periods'

export type { Period }

export const REPORTS = ['day', 'week', 'month', 'quarter', 'year'] as const
export const PLANS = ['week_plan', 'month_plan', 'year_plan'] as const
export const KINDS = [...REPORTS, ...PLANS] as const
export type ReportKind = (typeof KINDS)[number]

export const isKind = (text: string): text is ReportKind => (KINDS as readonly string[]).includes(text)
export const isPlan = (kind: string): boolean => kind.endsWith('_plan')
/** Whether reports of the kind have the field: a plan is one text, customers of tomorrow are the day's. */
export const hasField = (kind: string, name: string): boolean =>
  name === 'next_customers' ? kind === 'day' : name !== 'next_plan' || !isPlan(kind)
const unitOf = (kind: string): string => kind.replace('_plan', '')

/** The period that contains the day; `by`: so many later (or earlier). Weeks begin on Monday. */
export function periodOf(kind: string, day: string, by = 0): Period {
  const unit = unitOf(kind)
  if (unit === 'month' || unit === 'quarter' || unit === 'year') return calendar(unit, day, by)
  if (unit === 'day') return { start: addDays(day, by), end: addDays(day, by) }
  const weekday = (new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7
  const start = addDays(day, 7 * by - weekday)
  return { start, end: addDays(start, 6) }
}

/** What a period is called: 11-21, 11-16 – 11-22, 2026-11, 2026 Q4, 2026. */
export function nameOf(kind: string, period: Period): string {
  const unit = unitOf(kind)
  if (unit === 'day') return shortDate(period.start)
  return unit === 'week' ? `${shortDate(period.start)} – ${shortDate(period.end)}` : periodName(unit, period)
}

/** Whether one may write about it: what has begun, and plans also of the period after this one. */
export const isWritable = (kind: string, period: Period, day: string): boolean =>
  period.start <= (isPlan(kind) ? periodOf(kind, day, 1).start : day)
