/** What a form can say about a value before anybody is asked: the same limits the declaration gives the server. */
import { compare, parseTyped } from './decimal'
import { isNumber, placesOf, type FieldDeclaration } from './declarations'
import { blocksOf, tidy } from './mixed'

export interface Complaint {
  /** i18n key under `form`. */
  key: string
  params?: Record<string, unknown>
}

export const isEmpty = (value: unknown): boolean =>
  value == null ||
  value === '' ||
  (typeof value === 'string' && value.trim() === '') ||
  (Array.isArray(value) && value.length === 0)

/** Null when the value may be sent. */
export function complaint(field: FieldDeclaration, value: unknown): Complaint | null {
  if (field.kind === 'mixed')
    return field.required && tidy(blocksOf(value)).length === 0 ? { key: 'required_missing' } : null
  if (isEmpty(value)) return field.required && field.kind !== 'bool' ? { key: 'required_missing' } : null
  if (isNumber(field.kind)) {
    const number = parseTyped(String(value), placesOf(field.kind))
    if (number === null) return { key: 'bad_number' }
    if (field.min !== null && compare(number, String(field.min)) < 0)
      return { key: 'too_small', params: { min: field.min } }
    if (field.max !== null && compare(number, String(field.max)) > 0)
      return { key: 'too_large', params: { max: field.max } }
    return null
  }
  if (typeof value !== 'string') return null
  if (field.max_length !== null && [...value].length > field.max_length)
    return { key: 'too_long', params: { max: field.max_length } }
  if (field.calendar && !/^\d{4}-\d\d-\d\d$/.test(value)) return { key: 'day_unfinished' }
  if (field.kind === 'phone' && !/^[\d+()\-\s*#转,]{3,32}$/.test(value)) return { key: 'bad_phone' }
  if (field.kind === 'email' && !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(value)) return { key: 'bad_email' }
  if (field.kind === 'url' && !/^https?:\/\/\S+$/i.test(value)) return { key: 'bad_url' }
  return null
}

/** A form's value as the wire wants it: decimals as fixed strings, integers as numbers, blanks as null. */
export function toWire(field: FieldDeclaration, value: unknown): unknown {
  if (field.kind === 'bool') return value ?? false
  if (field.kind === 'mixed') {
    const said = tidy(blocksOf(value))
    return said.length ? said : null
  }
  if (isEmpty(value)) return ['refs', 'choices', 'files'].includes(field.kind) ? [] : null
  if (field.kind === 'int') return Number(parseTyped(String(value), 0))
  if (isNumber(field.kind)) return parseTyped(String(value), placesOf(field.kind))
  if (field.kind === 'datetime') return new Date(String(value)).toISOString()
  return typeof value === 'string' ? value.trim() : value
}
