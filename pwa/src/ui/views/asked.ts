/**
 * What a list is asked for, as it stands in addresses, saved views and quick views: `field` or `field__operator` → text.
 * A value may be relative: `@me`, `@today`, `@today-7`, `@today+3`; it is made a person or a day when it is used, so that
 * a view means the same tomorrow and for everybody. `accepts` answers on this device what the server answers in SQL
 * (server/records/listing.py).
 */
import type { FieldDeclaration } from '../declarations'
import { compare } from '../decimal'
import { addDays, dayOf, today } from '../format'

export type Filters = Record<string, string>
type Row = Record<string, unknown>
export type Accept = (row: Row) => boolean

export const operators = new Set(['ge', 'gt', 'le', 'lt', 'in', 'ne', 'like', 'empty', 'idle_days'])
const RELATIVE = /^@today(?:([+-])(\d{1,4}))?$/

/** A day relative to today, or null where the text is none. */
export function daysFromToday(text: string): number | null {
  const found = RELATIVE.exec(text)
  if (!found) return null
  return found[1] ? Number(`${found[1]}${found[2]}`) : 0
}

/** The value as it is now and for this person. */
export function present(text: string, me: string): string {
  if (text === '@me') return me
  const days = daysFromToday(text)
  return days === null ? text : addDays(today(), days)
}

export const presentFilters = (filters: Filters, me: string): Filters =>
  Object.fromEntries(Object.entries(filters).map(([key, text]) => [key, present(text, me)]))

const DAY = /^\d{4}-\d\d-\d\d$/
const isDay = (field: FieldDeclaration | undefined, text: string): boolean =>
  (field?.kind === 'date' || field?.kind === 'datetime') && !field.calendar && DAY.test(text)

/** With its days counted from today and oneself as whoever uses it, for a view that is to last. */
export function lasting(filters: Filters, fields: readonly FieldDeclaration[], me: string): Filters {
  const now = Date.parse(`${today()}T00:00:00Z`)
  return Object.fromEntries(
    Object.entries(filters).map(([key, text]) => {
      const field = fields.find(({ name }) => name === key.split('__')[0])
      if (field?.ref === 'employee' && text === me) return [key, '@me']
      if (!isDay(field, text)) return [key, text]
      const days = Math.round((Date.parse(`${text}T00:00:00Z`) - now) / 86_400_000)
      return [key, days === 0 ? '@today' : `@today${days < 0 ? '-' : '+'}${Math.abs(days)}`]
    }),
  )
}

export interface Answer {
  accept: Accept
  /** Filters that this device cannot answer: their fields are no more, or only the company knows. */
  left: string[]
}

export function accepts(filters: Filters, fields: readonly FieldDeclaration[], me: string): Answer {
  const left: string[] = []
  const parts = Object.entries(presentFilters(filters, me)).flatMap(([key, text]) => {
    const [name = '', operator = ''] = key.split('__')
    const field = fields.find((one) => one.name === name)
    const part = field && !field.masked ? one(field, operator, text) : null
    if (part === null) left.push(key)
    return part === null ? [] : [part]
  })
  return { accept: (row) => parts.every((part) => part(row)), left }
}

const isNumber = (kind: string) => ['int', 'money', 'price', 'quantity', 'geo'].includes(kind)

function one(field: FieldDeclaration, operator: string, text: string): Accept | null {
  const { name, kind } = field
  const value = (row: Row): unknown => row[name] ?? null
  const list = kind === 'choices' || kind === 'files' || kind === 'refs'
  const nothing = (row: Row) => value(row) === null || (list && (value(row) as unknown[]).length === 0)
  const wanted = text.split(',').filter(Boolean)
  if (operator === 'empty') return ['1', 'true'].includes(text) ? nothing : (row) => !nothing(row)
  if (kind === 'choices' && (operator === '' || operator === 'in'))
    return (row) => !nothing(row) && (value(row) as string[]).some((choice) => wanted.includes(choice))
  if (list || kind === 'json') return null
  switch (operator) {
    case '':
      if (kind === 'bool') return (row) => Boolean(value(row)) === ['1', 'true', 'yes'].includes(text)
      return (row) => order(field, value(row), text) === 0
    case 'in':
      return (row) => wanted.some((choice) => order(field, value(row), choice) === 0)
    case 'ne':
      return (row) => value(row) === null || order(field, value(row), text) !== 0
    case 'like': {
      const part = text.toLowerCase()
      return (row) =>
        String(value(row) ?? '')
          .toLowerCase()
          .includes(part)
    }
    case 'idle_days': {
      const limit = Date.now() - Number(text) * 86_400_000
      return (row) => value(row) === null || Date.parse(String(value(row))) < limit
    }
    case 'ge':
    case 'gt':
    case 'le':
    case 'lt':
      return (row) => {
        const found = order(field, value(row), text)
        if (found === null) return false
        return { ge: found >= 0, gt: found > 0, le: found <= 0, lt: found < 0 }[operator]
      }
    default:
      return null
  }
}

/** Below zero where the value is smaller; null where it cannot be compared. A moment is compared with a day as a day. */
function order(field: FieldDeclaration, value: unknown, text: string): number | null {
  if (value === null || value === undefined) return null
  if (isNumber(field.kind)) {
    return Number.isNaN(Number(text)) || text === '' ? null : compare(String(value), text)
  }
  const own =
    field.kind === 'datetime'
      ? DAY.test(text)
        ? dayOf(String(value))
        : new Date(String(value)).toISOString()
      : String(value)
  const other = field.kind === 'datetime' && !DAY.test(text) ? new Date(text).toISOString() : text
  return own < other ? -1 : own > other ? 1 : 0
}

/** Rows in the order of `sort` (`-` in front: descending), those without a value last. */
export function sorted<T extends Row>(rows: readonly T[], sort: string, fields: readonly FieldDeclaration[]): T[] {
  const descending = sort.startsWith('-')
  const field = fields.find(({ name }) => name === sort.replace(/^-/, ''))
  if (!field) return [...rows]
  return [...rows].sort((a, b) => {
    const [left, right] = [a[field.name] ?? null, b[field.name] ?? null]
    if (left === null || right === null) return left === right ? 0 : left === null ? 1 : -1
    const found = isNumber(field.kind)
      ? compare(String(left), String(right))
      : String(left) < String(right)
        ? -1
        : String(left) > String(right)
          ? 1
          : 0
    return descending ? -found : found
  })
}
