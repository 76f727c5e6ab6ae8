/** The search of what this device holds: the same fields, the same ranking, no network. */
import type { Row } from '@/sync/types'
import { recordNamed } from '@/ui/declarations'
import { ownFieldsOf } from '@/ui/own'
import { isMasked } from '@/ui/rights'
import { tables } from '@/ui/tables'
import type { SearchKind } from './kinds'
import { normal, total, WORST, wordsOf, type Entry } from './ranking'

/** Pinyin of names, where the dictionary is there. */
export interface Pinyin {
  initials: (name: string) => string
  whole: (name: string) => string
}

export interface Found {
  row: Row
  /** The field that has the first word, where it is not the name. */
  found: { field: string; text: string } | null
}

const isShown = (table: string): boolean => tables.value.some(({ id }) => id === table)
const text = (value: unknown): string => (typeof value === 'string' ? value : '')

/** The fields of a record in which this person may search, own ones among them. */
export function searchedFields(record: string): { name: string; phone: boolean }[] {
  const declared = recordNamed(record)
  const wanted = new Set([
    ...declared.search,
    ...ownFieldsOf(record).flatMap(({ name, search }) => (search ? [name] : [])),
  ])
  return [...declared.fields, ...ownFieldsOf(record)]
    .filter(
      (field, at, all) =>
        wanted.has(field.name) && !field.masked && all.findIndex((one) => one.name === field.name) === at,
    )
    .map(({ name, kind }) => ({ name, phone: kind === 'phone' }))
}

export function entryOf(
  kind: SearchKind,
  row: Row,
  fields: { name: string; phone: boolean }[],
  pinyin: Pinyin | null,
): Entry {
  const allowed = new Set(fields.map(({ name }) => name))
  const number = allowed.has(kind.number) ? normal(text(row[kind.number])) : ''
  const title = allowed.has(kind.name) ? text(row[kind.name]) : ''
  const phones: string[] = []
  const rest: string[] = []
  for (const { name, phone } of fields) {
    const value = text(row[name])
    if (!value || name === kind.number || name === kind.name || name === 'pinyin_code' || isMasked(value)) continue
    const words = normal(value)
    if (words) (phone ? phones : rest).push(words)
  }
  return {
    number,
    name: normal(title),
    initials: normal(text(row.pinyin_code)) || (pinyin?.initials(title) ?? ''),
    pinyin: pinyin?.whole(title) ?? '',
    phones,
    rest,
  }
}

interface Kept {
  /** What the entries were made with; where that has changed, a field was added or a right taken. */
  fields: string
  pinyin: Pinyin | null
  entries: WeakMap<Row, Entry>
}

/** Keeps what was made of each row as long as the row is the same. */
export class LocalSearch {
  private kept = new Map<string, Kept>()

  /** Best first; of equal ones the shorter name, then the newer. `beside`: rows that another record's words lead to. */
  search(
    kind: SearchKind,
    rows: Iterable<Row>,
    query: string,
    pinyin: Pinyin | null,
    beside: ReadonlySet<string> = new Set(),
  ): Found[] {
    const words = wordsOf(query)
    if (words.length === 0) return []
    const fields = searchedFields(kind.record)
    const entries = this.entriesOf(kind.record, fields.map(({ name }) => name).join(), pinyin)
    const found: { row: Row; rank: number; length: number }[] = []
    for (const row of rows) {
      if (row.enabled === false && kind.record === 'customer') continue
      if (kind.record === 'own_row' && (row.deleted_at || !isShown(text(row.table_id)))) continue
      let entry = entries.get(row)
      if (!entry) entries.set(row, (entry = entryOf(kind, row, fields, pinyin)))
      const rank = total(entry, words) ?? (beside.has(row.id) ? WORST * words.length + 1 : null)
      if (rank !== null) found.push({ row, rank, length: entry.name.length })
    }
    found.sort((a, b) => a.rank - b.rank || a.length - b.length || (a.row.id < b.row.id ? 1 : -1))
    return found.map(({ row }) => ({ row, found: whereFound(kind, row, fields, words[0]!) }))
  }

  private entriesOf(record: string, fields: string, pinyin: Pinyin | null): WeakMap<Row, Entry> {
    const known = this.kept.get(record)
    if (known && known.fields === fields && known.pinyin === pinyin) return known.entries
    const entries = new WeakMap<Row, Entry>()
    this.kept.set(record, { fields, pinyin, entries })
    return entries
  }
}

function whereFound(kind: SearchKind, row: Row, fields: { name: string }[], word: string): Found['found'] {
  if (kind.name && normal(text(row[kind.name])).includes(word)) return null
  const hit = fields.find(({ name }) => normal(text(row[name])).includes(word))
  return hit ? { field: hit.name, text: text(row[hit.name]) } : null
}
