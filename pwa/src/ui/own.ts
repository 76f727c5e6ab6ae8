/**
 * The company's own fields, as an administrator declares them while the app runs: rows of the local store that become
 * declared fields like any other. They are called `own.<key>`, in rows, commands and addresses alike.
 */
import { computed, shallowRef } from 'vue'
import { language } from '@/app/i18n'
import { completeField, type FieldDeclaration, type Kind, type SparseField } from './declarations'

export type Right = 'edit' | 'read' | 'hidden'

export interface OwnChoice {
  key: string
  name: string
  name_tw?: string | null
  name_en?: string | null
  retired?: boolean
}

export interface OwnFieldRow {
  id: string
  record_type: string
  /** Of a field in a table of the company's own. */
  table_id?: string | null
  key: string
  name: string
  name_tw: string | null
  name_en: string | null
  kind: string
  choices: OwnChoice[] | null
  required: boolean
  hidden: boolean
  listed: boolean
  quick: boolean
  search: boolean
  sort: number
  default_value: unknown
  others: Right
  rights: Record<string, Right> | null
  state: 'active' | 'deleted' | 'purged'
  [field: string]: unknown
}

/** The kind of field each is drawn as, and what it refers to. */
const KINDS: Record<string, { kind: Kind; ref?: string; max_length?: number }> = {
  text: { kind: 'text', max_length: 200 },
  longtext: { kind: 'longtext', max_length: 4000 },
  number: { kind: 'int' },
  decimal: { kind: 'quantity' },
  money: { kind: 'money' },
  date: { kind: 'date' },
  choice: { kind: 'choice' },
  choices: { kind: 'choices' },
  employee: { kind: 'ref', ref: 'employee' },
  customer: { kind: 'ref', ref: 'customer' },
  photo: { kind: 'photo', ref: 'photo' },
  file: { kind: 'files', ref: 'attachment' },
  mixed: { kind: 'mixed', ref: 'attachment' },
}

const rows = shallowRef<readonly OwnFieldRow[]>([])
const role = shallowRef<string | null>(null)

/** What the local store has now, and whose rights count. */
export function setOwnFields(found: readonly OwnFieldRow[], roleId: string | null): void {
  rows.value = [...found].sort((a, b) => a.sort - b.sort || (a.id < b.id ? -1 : 1))
  role.value = roleId
}

/** What this person's role may do with the values. */
const rightOf = (row: OwnFieldRow): Right => row.rights?.[role.value ?? ''] ?? row.others

export const ownName = (row: Pick<OwnFieldRow, 'key'>): string => `own.${row.key}`

/** A row as a field of its record; `row` may be one that nobody has saved yet. */
export function asField(row: OwnFieldRow): FieldDeclaration {
  const choices = row.choices ?? []
  const field: SparseField = {
    ...(KINDS[row.kind] ?? { kind: 'text' }),
    name: ownName(row),
    required: row.required,
    readonly: rightOf(row) === 'read',
    listed: row.listed,
    quick: row.quick,
    search: row.search,
    importable: !['photo', 'file', 'mixed'].includes(row.kind),
    section: 'own',
    policy: row.kind === 'choices' || row.kind === 'file' ? 'union' : 'ask',
    choices: row.kind.startsWith('choice') ? choices.flatMap(({ key, retired }) => (retired ? [] : [key])) : null,
    retired: choices.flatMap(({ key, retired }) => (retired ? [key] : [])),
    default: row.default_value as FieldDeclaration['default'],
  }
  return completeField(field)
}

const byRecord = computed(() => {
  const found = new Map<string, FieldDeclaration[]>()
  for (const row of rows.value) {
    if (row.state !== 'active' || row.hidden || rightOf(row) === 'hidden') continue
    for (const name of row.table_id ? [row.record_type, `${row.record_type}:${row.table_id}`] : [row.record_type]) {
      const list = found.get(name) ?? []
      list.push(asField(row))
      found.set(name, list)
    }
  }
  return found
})

/** All that are in use, hidden ones as well: for who arranges forms. */
export const everyOwnField = (record: string): FieldDeclaration[] =>
  rows.value.flatMap((row) =>
    row.record_type === record && row.state === 'active'
      ? [{ ...asField(row), hidden: row.hidden, readonly: false }]
      : [],
  )

/** The own fields of a record that this person is shown, in their order. */
export const ownFieldsOf = (record: string): FieldDeclaration[] => byRecord.value.get(record) ?? []
export const recordsWithOwnFields = (): ReadonlyMap<string, FieldDeclaration[]> => byRecord.value

/** A word in the reader's language; Chinese stands for what nobody has translated. */
export function inLanguage(words: { name: string; name_tw?: string | null; name_en?: string | null }): string {
  const other = language.value === 'zh-TW' ? words.name_tw : language.value === 'en' ? words.name_en : null
  return other || words.name
}

/** The row of a field, deleted ones included: what was said about them is still read. */
const rowOf = (record: string, field: string): OwnFieldRow | undefined =>
  field.startsWith('own.')
    ? rows.value.find((row) => row.record_type === record.split(':', 1)[0] && ownName(row) === field)
    : undefined

export function ownLabel(record: string, field: string): string | null {
  const row = rowOf(record, field)
  return row ? inLanguage(row) : null
}

export function ownChoiceLabel(record: string, field: string, choice: string): string | null {
  const found = rowOf(record, field)?.choices?.find(({ key }) => key === choice)
  return found ? inLanguage(found) : null
}
