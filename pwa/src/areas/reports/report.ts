/** A report as the server answers it, and how its numbers are written. */
import type { components } from '@/generated/api'
import { format } from '@/ui/decimal'
import { dateTime, longDate } from '@/ui/format'

export type Answer = components['schemas']['ReportAnswer']
export type Entry = components['schemas']['ReportEntry']
export type Line = components['schemas']['ReportLine']
export type Measure = components['schemas']['ReportNumber']
export type Value = string | number | null
export type Filter = Record<string, string>

export const PERIODS = [
  'today',
  'yesterday',
  'this_week',
  'last_week',
  'this_month',
  'last_month',
  'this_quarter',
  'last_quarter',
  'this_year',
  'last_year',
  'all',
] as const
export const CHARTS = ['none', 'column', 'bar', 'line', 'pie'] as const
export type Chart = (typeof CHARTS)[number]

const PLACES: Record<string, number> = { money: 2, price: 4, quantity: 4 }

/** A number in its kind's form; nothing is a dash. */
export function written(value: Value, kind: string): string {
  if (value === null || value === undefined) return '–'
  if (kind === 'part') return `${(Number(value) * 100).toFixed(1)}%`
  if (kind === 'datetime') return dateTime(String(value))
  if (kind === 'date') return longDate(String(value))
  if (kind in PLACES) {
    const text = format(String(value), kind === 'money' ? 2 : undefined)
    return kind === 'money' ? `¥${text}` : text
  }
  return format(String(value))
}

/** For charts, where an approximation is enough. */
export function drawn(value: Value, kind: string): number {
  if (value === null || value === undefined || kind === 'datetime' || kind === 'date') return 0
  return kind === 'part' ? Math.round(Number(value) * 1000) / 10 : Number(value)
}

/** How much more than before, in percent; null where there was nothing. */
export function change(now: Value, before: Value): number | null {
  const past = Number(before)
  if (before === null || now === null || !Number.isFinite(past) || past === 0) return null
  return Math.round(((Number(now) - past) / Math.abs(past)) * 1000) / 10
}

/** The list behind a number: the report's, the row's, the column's and the measure's filters together. */
export const listOf = (report: Answer, ...filters: Filter[]): Filter => Object.assign({}, report.params, ...filters)
