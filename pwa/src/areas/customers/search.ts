/**
 * Finds customers while one types, in memory: by name, number, phone, contact, address and pinyin initials. Ten
 * thousand customers take a few milliseconds, so nothing is debounced.
 */
import type { Row } from '@/sync/types'

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

interface Indexed<T> {
  row: T
  /** What the entry was made from besides the row; another array means it is stale. */
  contacts: readonly ContactRow[]
  name: string
  pinyin: string
  number: string
  phones: string
  people: string
  address: string
  /** Words of the company's own fields. */
  own: string
}

/** Half width, lower case, no blanks at the ends: as people type, whatever their keyboard does. */
export const normalise = (text: string): string => text.normalize('NFKC').toLowerCase().trim()
const digits = (text: string): string => text.replace(/\D/g, '')

const NOBODY: readonly ContactRow[] = []

/** The better, the smaller; null when the word is not there at all. */
function rank(entry: Indexed<unknown>, word: string, number: string): number | null {
  const { name, pinyin, phones } = entry
  if (name === word) return 0
  if (name.startsWith(word)) return 1
  if (pinyin.startsWith(word)) return 2
  if (name.includes(word)) return 3
  if (entry.number !== '' && (entry.number === word || entry.number.endsWith(word))) return 4
  if (number.length >= 3 && phones.includes(number)) return phones.endsWith(number) ? 4 : 5
  if (pinyin.includes(word)) return 6
  if (entry.number.includes(word)) return 7
  if (entry.people.includes(word)) return 7
  if (entry.address.includes(word) || entry.own.includes(word)) return 8
  return word.length > 1 && inOrder(name, word) ? 9 : null
}

/** 王超市 finds 王记超市: the letters in this order, others between. */
function inOrder(name: string, word: string): boolean {
  let at = -1
  for (const letter of word) {
    at = name.indexOf(letter, at + 1)
    if (at < 0) return false
  }
  return true
}

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
        known && known.row === row && same(known.contacts, people) && (known.pinyin !== '' || !initials(row.name))
      next.set(row.id, fresh ? known : index(row, people, initials, own))
    }
    this.entries = next
  }

  get size(): number {
    return this.entries.size
  }

  /** Best first. The empty query gives every row in the order of `update`. Words apart must all be found. */
  search(query: string, accept: (row: T) => boolean = () => true): T[] {
    const words = normalise(query).split(/\s+/).filter(Boolean)
    if (words.length === 0) return [...this.entries.values()].flatMap(({ row }) => (accept(row) ? [row] : []))
    const numbers = words.map(digits)
    const buckets: Indexed<T>[][] = Array.from({ length: BUCKETS }, () => [])
    for (const entry of this.entries.values()) {
      let total = 0
      for (let i = 0; i < words.length; i++) {
        const one = rank(entry, words[i]!, numbers[i]!)
        if (one === null) {
          total = -1
          break
        }
        total += one
      }
      if (total < 0 || !accept(entry.row)) continue
      buckets[Math.min(total, BUCKETS - 1)]!.push(entry)
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
  const name = normalise(row.name)
  const pinyin = (row.pinyin_code || initials(row.name)).toLowerCase()
  const number = (row.customer_no ?? '').toLowerCase()
  const numbers = [row.mobile, row.landline, row.office_phone, ...contacts.map((contact) => contact.phone)]
  const phones = [...new Set(numbers.map((phone) => digits(String(phone ?? ''))))].filter(Boolean).join(' ')
  const people = normalise(
    [row.primary_contact, ...contacts.map((contact) => contact.name)].filter(Boolean).join(' '),
  )
  const address = normalise([row.province, row.city, row.district, row.address].filter(Boolean).join(''))
  const own = normalise(ownFields.map((field) => row[field] ?? '').join(' '))
  return { row, contacts, name, pinyin, number, phones, people, address, own }
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

const comparable = (value: unknown): string =>
  typeof value === 'string' ? normalise(value).replace(/[\s()（）-]/g, '') : ''
