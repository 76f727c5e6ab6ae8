/**
 * A table's state as it stands in the address bar, so that a view can be sent to a colleague:
 * `?q=王&sort=-created_at&stage__in=a,b&created_at__ge=2026-11-01&columns=name,mobile`.
 *
 * Days stand in the address as days; for fields that are moments they become instants only in the request, so that the
 * same address means the same day everywhere in the company.
 */
import type { ListQuery } from '@/api/records'
import { isNumber, type FieldDeclaration, type Kind, type RecordDeclaration } from '../declarations'
import { addDays } from '../format'
import { operators, present } from '../views/asked'

export interface TableState {
  q: string
  /** A field's name, with `-` in front for descending; empty for the record's own order. */
  sort: string
  /** `field` or `field__operator` → text. */
  filters: Record<string, string>
  /** Null: the columns the declaration lists. */
  columns: string[] | null
}

export type AddressQuery = Record<string, string | null | (string | null)[] | undefined>

const only = (value: AddressQuery[string]): string => (Array.isArray(value) ? value[0] : value) ?? ''

/** Reads the address; what no field is called is left alone (it may belong to somebody else). */
export function readState(query: AddressQuery, record: RecordDeclaration): TableState {
  const names = new Set(record.fields.map((field) => field.name))
  const filters: Record<string, string> = {}
  for (const [key, value] of Object.entries(query)) {
    const [name = '', operator] = key.split('__')
    if (names.has(name) && (operator === undefined || operators.has(operator)) && only(value) !== '') {
      filters[key] = only(value)
    }
  }
  const sort = only(query.sort)
  const columns = only(query.columns)
    .split(',')
    .filter((name) => names.has(name))
  return {
    q: only(query.q),
    sort: names.has(sort.replace(/^-/, '')) ? sort : '',
    filters,
    columns: columns.length > 0 ? columns : null,
  }
}

/** The address for a state; other parameters of `present` stay. */
export function writeState(state: TableState, present: AddressQuery, record: RecordDeclaration): AddressQuery {
  const names = new Set(record.fields.map((field) => field.name))
  const mine = (key: string) => ['q', 'sort', 'columns'].includes(key) || names.has(key.split('__')[0] ?? '')
  return {
    ...Object.fromEntries(Object.entries(present).filter(([key]) => !mine(key))),
    ...(state.q ? { q: state.q } : {}),
    ...(state.sort ? { sort: state.sort } : {}),
    ...state.filters,
    ...(state.columns ? { columns: state.columns.join(',') } : {}),
  }
}

const startOfDay = (day: string): string => new Date(`${day}T00:00:00`).toISOString()

/** What the server is asked. */
export function serverQuery(state: TableState, record: RecordDeclaration, fixed: ListQuery = {}, me = ''): ListQuery {
  const query: ListQuery = { ...fixed, q: state.q, sort: state.sort }
  for (const [key, said] of Object.entries(state.filters)) {
    const [name, operator] = key.split('__')
    const value = present(said, me)
    const moment = record.fields.find((field) => field.name === name)?.kind === 'datetime'
    if (moment && (operator === 'ge' || operator === 'lt') && value.length === 10) query[key] = startOfDay(value)
    else if (moment && operator === 'le' && value.length === 10) query[`${name}__lt`] = startOfDay(addDays(value, 1))
    else query[key] = value
  }
  return query
}

/** Clicking a head: ascending, descending, the record's own order. */
export function nextSort(present: string, field: string): string {
  if (present === field) return `-${field}`
  return present === `-${field}` ? '' : field
}

const unlistable = new Set(['json', 'longtext', 'geo', 'refs', 'mixed'])
const isOwn = ({ name }: FieldDeclaration) => name.startsWith('own.')

/** The fields that can be columns; of long texts the company's own, and what a row is called by. */
export const possibleColumns = (record: RecordDeclaration): FieldDeclaration[] =>
  record.fields.filter(
    (field) =>
      !field.hidden &&
      (!unlistable.has(field.kind) ||
        field.name === record.title_field ||
        (isOwn(field) && field.kind === 'longtext')),
  )

/** The fields a list is narrowed by, columns or not. */
export const filterFields = (record: RecordDeclaration): FieldDeclaration[] =>
  record.fields.filter(
    (field) =>
      !field.hidden && !field.masked && (isOwn(field) || possibleColumns(record).some((one) => one === field)),
  )

/** What one can say of a field: of pictures, files and several people only whether there are any. */
export function filterWay(kind: Kind): 'choices' | 'yes' | 'any' | 'range' | 'ref' | 'part' {
  if (kind === 'choice' || kind === 'choices') return 'choices'
  if (kind === 'bool') return 'yes'
  if (['files', 'mixed', 'photo', 'refs', 'geo'].includes(kind)) return 'any'
  if (isNumber(kind) || kind === 'date' || kind === 'datetime') return 'range'
  return kind === 'ref' ? 'ref' : 'part'
}

/** Several values in one have no order, nor have pictures; what is masked tells nothing by its place either. */
export const isSortable = (field: FieldDeclaration): boolean =>
  !['choices', 'files', 'longtext', 'photo', 'mixed', 'refs'].includes(field.kind) && !field.masked

/** How wide a column is, in rem. */
export function widthOf(field: FieldDeclaration, title: boolean): number {
  // A running number is as wide as its digits, a name needs room.
  if (title) return field.max_length !== null && field.max_length <= 30 ? 10.5 : 15
  if (field.ref === 'customer') return 14
  if (field.ref === 'employee' || field.ref === 'option') return 7
  switch (field.kind) {
    case 'bool':
    case 'photo':
      return 5
    case 'int':
    case 'date':
      return 7
    case 'choice':
      return 7
    case 'datetime':
    case 'money':
    case 'price':
    case 'quantity':
    case 'ref':
      return 8.5
    default:
      return 10
  }
}
