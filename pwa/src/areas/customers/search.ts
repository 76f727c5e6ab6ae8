/**
 * Finds customers while one types, in memory: by name, number, phone, contact, address, remark and pinyin initials, ranked
 * as everywhere (`../search/ranking.ts`). Ten thousand customers take a few milliseconds, so nothing is debounced.
 */
import type { Row } from '@/sync/types'
import { isMasked } from '@/ui/rights'
import { normal, total, wordsOf, type Entry } from '../search/ranking'

export interface Searchable extends Row {
  name: string
  customer_no?: string | null
  pinyin_code?: string | null
  primary_contact?: string | null
  mobile?: string | null
  landline?: string | null
  office_phone?: string | null
  province?: string | null
  city?: string | null
  district?: string | null
  address?: string | null
}

interface ContactRow extends Row {
  customer_id?: unknown
  name?: unknown
  phone?: unknown
}

interface Indexed<T> extends Entry {
  row: T
  /** What the entry was made from besides the row; another array means it is stale. */
  contacts: readonly ContactRow[]
}

/** Half width, lower case, no blanks at the ends: as people type, whatever their keyboard does. */
export const normalise = (text: string): string => text.normalize('NFKC').toLowerCase().trim()

const NOBODY: readonly ContactRow[] = []

/** Sums of ranks: two words found well come before three found badly. Beyond the last one all are equal. */
const BUCKETS = 24

export class CustomerIndex<T extends Searchable = Searchable> {
  private entries = new Map<string, Indexed<T>>()
  /** The own fields whose words are in the entries. */
  private own: readonly string[] = []

  /** `initials` gives pinyin of names the server has not seen yet; `own` are fields whose words are searched, too. Rows that are the same objects are kept as they are. */
  update(
    rows: Iterable<T>,
    contacts: Iterable<ContactRow> = [],
    initials: (name: string) => string = () => '',
    own: readonly string[] = [],
  ): void {
    if (String(own) !== String(this.own)) this.entries = new Map()
    this.own = own
    const byCustomer = new Map<string, ContactRow[]>()
    for (const contact of contacts) {
      const id = String(contact.customer_id)
      const list = byCustomer.get(id)
      if (list) list.push(contact)
      else byCustomer.set(id, [contact])
    }
    const next = new Map<string, Indexed<T>>()
    for (const row of rows) {
      const people = byCustomer.get(row.id) ?? NOBODY
      const known = this.entries.get(row.id)
      const fresh =
        known && known.row === row && same(known.contacts, people) && (known.initials !== '' || !initials(row.name))
      next.set(row.id, fresh ? known : index(row, people, initials, own))
    }
    this.entries = next
  }

  get size(): number {
    return this.entries.size
  }

  /** Best first. The empty query gives every row in the order of `update`. Words apart must all be found. */
  search(query: string, accept: (row: T) => boolean = () => true): T[] {
    if (query.trim() === '') return [...this.entries.values()].flatMap(({ row }) => (accept(row) ? [row] : []))
    const words = wordsOf(query)
    const buckets: Indexed<T>[][] = Array.from({ length: BUCKETS }, () => [])
    for (const entry of words.length > 0 ? this.entries.values() : []) {
      const sum = total(entry, words)
      if (sum === null || !accept(entry.row)) continue
      buckets[Math.min(sum, BUCKETS - 1)]!.push(entry)
    }
    const found: T[] = []
    for (const bucket of buckets) {
      // The shorter name is the likelier one; within a large bucket order matters less than speed.
      if (bucket.length > 1 && bucket.length < 500) bucket.sort((a, b) => a.name.length - b.name.length)
      for (const { row } of bucket) found.push(row)
    }
    return found
  }
}

function same(a: readonly ContactRow[], b: readonly ContactRow[]): boolean {
  return a.length === b.length && a.every((contact, at) => contact === b[at])
}

function index<T extends Searchable>(
  row: T,
  contacts: readonly ContactRow[],
  initials: (name: string) => string,
  ownFields: readonly string[],
): Indexed<T> {
  const texts = (values: readonly unknown[]) => values.map((value) => normal(String(value ?? ''))).filter(Boolean)
  const numbers = [row.mobile, row.landline, row.office_phone, ...contacts.map((contact) => contact.phone)]
  const people = [row.primary_contact, ...contacts.map((contact) => contact.name)]
  // One place: 青岛市市南区 is found over the border of its fields.
  const address = [row.province, row.city, row.district, row.address].filter(Boolean).join('')
  return {
    row,
    contacts,
    name: normal(row.name),
    initials: normal(row.pinyin_code || initials(row.name)),
    pinyin: '',
    number: normal(row.customer_no ?? ''),
    phones: [...new Set(texts(numbers.filter((number) => !isMasked(number))))],
    rest: texts([...people, address, row.remark, ...ownFields.map((field) => row[field])]),
  }
}

/** The same name or one of the same phones, for the hint while a new customer is typed in. */
export function duplicatesOf<T extends Searchable>(
  rows: Iterable<T>,
  typed: { [field: string]: unknown },
  fields: readonly string[],
): { row: T; field: string }[] {
  const wanted = fields.flatMap((field) => {
    const value = comparable(typed[field])
    return value.length >= 2 ? [{ field, value }] : []
  })
  const found: { row: T; field: string }[] = []
  if (wanted.length === 0) return found
  for (const row of rows) {
    const hit = wanted.find(({ field, value }) => comparable(row[field]) === value)
    if (hit) found.push({ row, field: hit.field })
    if (found.length === 5) break
  }
  return found
}

/** Customers whose name is in the typed one, or the other way round: a short name beside the full one (CU-4). */
export function similarNames<T extends object>(rows: Iterable<T>, typed: unknown): T[] {
  const name = comparable(typed)
  if (name.length < 2) return []
  const found: T[] = []
  for (const row of rows) {
    const other = comparable((row as { name?: unknown }).name)
    if (other === name || other.length < 2) continue
    if (name.length >= 3 ? other.includes(name) || name.includes(other) : other.startsWith(name)) found.push(row)
    if (found.length === 3) break
  }
  return found
}

const comparable = (value: unknown): string =>
  typeof value === 'string' ? normalise(value).replace(/[\s()（）-]/g, '') : ''
