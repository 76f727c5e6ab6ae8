/** Values of own fields on their way into commands. Rows, edits and `create` have them by name, `own.<key>`; commands with
 * arguments of their own (an order, a report) have them under `own`, by key. */
import { ownFieldsOf } from '@/ui/own'
import { complaint, isEmpty, toWire } from '@/ui/validate'

const PREFIX = 'own.'
export const isOwn = (name: string): boolean => name.startsWith(PREFIX)

/** Those of a form that may be written, as the wire wants them. */
export function ownValues(record: string, form: Record<string, unknown>): Record<string, unknown> {
  const found: Record<string, unknown> = {}
  for (const field of ownFieldsOf(record)) {
    if (field.readonly || !(field.name in form) || complaint(field, form[field.name])?.key === 'bad_number') continue
    const value = toWire(field, form[field.name])
    found[field.name] = isEmpty(value) ? null : value
  }
  return found
}

/** What a new form begins with. */
export const ownDefaults = (record: string): Record<string, unknown> =>
  Object.fromEntries(
    ownFieldsOf(record).flatMap(({ name, default: value }) => (value === null ? [] : [[name, value]])),
  )

/** By key, as arguments; nothing where nothing was filled in. */
export function ownArgs(values: Record<string, unknown>): { own?: Record<string, unknown> } {
  const filled = Object.entries(values).filter(([name, value]) => isOwn(name) && value !== null)
  if (filled.length === 0) return {}
  return { own: Object.fromEntries(filled.map(([name, value]) => [name.slice(PREFIX.length), value])) }
}

/** And back, as a row has them. */
export const ownNames = (own: unknown): Record<string, unknown> =>
  own && typeof own === 'object'
    ? Object.fromEntries(Object.entries(own).map(([key, value]) => [PREFIX + key, value]))
    : {}
