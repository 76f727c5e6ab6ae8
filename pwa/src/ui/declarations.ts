/**
 * The record declarations of the server, as the generator wrote them (`src/generated/declarations.json`).
 *
 * Forms, lists, filters and labels are drawn from here; a field that is added on the server appears by itself.
 */
import { choiceLabel } from './labels'

import { computed, shallowRef } from 'vue'
import { arranged, layoutOf, orderOfSections, type Arrangement } from './layout'
import { recordsWithOwnFields } from './own'
import { limited } from './rights'
import { switched } from './switches'
import { tableRecords } from './tables'

export type Kind =
  | 'text'
  | 'longtext'
  | 'phone'
  | 'email'
  | 'url'
  | 'int'
  | 'money'
  | 'price'
  | 'quantity'
  | 'date'
  | 'datetime'
  | 'bool'
  | 'choice'
  | 'choices'
  | 'ref'
  | 'refs'
  | 'geo'
  | 'json'
  | 'photo'
  | 'files'
  | 'mixed'

export interface FieldDeclaration {
  name: string
  kind: Kind
  required: boolean
  /** Required of a new row only. */
  atFirst?: boolean
  /** Set by the server; no form writes it. */
  readonly: boolean
  /** Written when the record is made, never afterwards. */
  fixed: boolean
  policy: string
  listed: boolean
  section: string
  /** Not shown in forms, details and lists, as the company wants it. */
  hidden: boolean
  /** Of the form's width; null: as its kind needs. */
  width: 'half' | 'full' | null
  choices: string[] | null
  /** Choices that stand in old values and are not offered any more. */
  retired: string[]
  ref: string | null
  /** For a ref to `option`: which of the company's lists the option is from. */
  ref_list: string | null
  /** Of a date: the field that says by which calendar it is. */
  calendar: string | null
  max_length: number | null
  min: number | string | null
  max: number | string | null
  /** Part of the short form on the phone. */
  quick: boolean
  importable: boolean
  /** Found by the words in it. */
  search: boolean
  /** A number of which this person sees the ends: it is neither searched, filtered nor sorted by. */
  masked: boolean
  /** Summed at the foot of lists. */
  total: boolean
  default: string | number | boolean | null
}

export interface RecordDeclaration {
  name: string
  /** Its place under /api. */
  path: string
  area: string
  root: string
  synced: boolean
  /** The group of permissions that governs it: `<permission>.view`, `.create`, `.edit`, … */
  permission: string
  title_field: string
  number_field: string | null
  default_sort: string
  search: string[]
  fields: FieldDeclaration[]
  /** Filters of every list of it, what every new row has, and its address at the desk: of a table of the company's own. */
  where?: Record<string, string>
  given?: Record<string, string>
  desk?: string
}

/** What the company can arrange of a form beyond what its fields say. */
export interface FormDeclaration {
  /** What people enter, where that is not all that can be written. */
  entered?: string[]
  /** What cannot be hidden; why stands under `needed.<form>.<field>`. */
  needed?: string[]
  /** What it can be given a look for, where that is not everything. */
  purposes?: string[]
  /** Whose fields it has, where that record has another form, too. */
  record?: string
}

export interface Declarations {
  schema: number
  records: Record<string, RecordDeclaration>
  forms: Record<string, FormDeclaration>
  sections: string[]
  permissions: string[]
  commands: Record<string, { version: number }>
  /** What people are told of, with the defaults of a new company. */
  notification_kinds: Record<string, { push: boolean; lead_days?: number; at?: string; needs?: string }>
}

/** The file as written: what is usual is left out of it. */
type Sparse<T, K extends keyof T> = Pick<T, K> & Partial<Omit<T, K>>
export type SparseField = Sparse<FieldDeclaration, 'name' | 'kind'>
export type SparseRecord = Sparse<Omit<RecordDeclaration, 'fields'>, 'name' | 'title_field'> & {
  fields: SparseField[]
}
export type SparseDeclarations = Partial<Omit<Declarations, 'records'>> & { records: Record<string, SparseRecord> }

const usualField: Omit<FieldDeclaration, 'name' | 'kind'> = {
  required: false,
  readonly: false,
  fixed: false,
  policy: 'ask',
  listed: false,
  section: 'main',
  hidden: false,
  width: null,
  choices: null,
  retired: [],
  ref: null,
  ref_list: null,
  calendar: null,
  max_length: null,
  min: null,
  max: null,
  quick: false,
  importable: false,
  search: false,
  masked: false,
  total: false,
  default: null,
}

export const completeField = (field: SparseField): FieldDeclaration => ({ ...usualField, ...field })

export function complete(sparse: SparseDeclarations): Declarations {
  return {
    schema: sparse.schema ?? 0,
    sections: sparse.sections ?? [],
    permissions: sparse.permissions ?? [],
    forms: sparse.forms ?? {},
    commands: sparse.commands ?? {},
    notification_kinds: sparse.notification_kinds ?? {},
    records: Object.fromEntries(
      Object.entries(sparse.records).map(([name, record]) => [
        name,
        {
          path: `${name.replaceAll('_', '-')}s`,
          area: '',
          root: 'company',
          synced: true,
          permission: name,
          number_field: null,
          default_sort: '-created_at',
          search: [],
          ...record,
          fields: record.fields.map(completeField),
        },
      ]),
    ),
  }
}

const files = import.meta.glob<SparseDeclarations>('../generated/declarations.json', {
  eager: true,
  import: 'default',
})

const current = shallowRef<Declarations>(complete(Object.values(files)[0] ?? { records: {} }))

/** As this person's role has them, with the company's own fields: they stand after the declared ones. */
const unarranged = computed<Declarations>(() => {
  const records = { ...current.value.records }
  for (const [name, record] of Object.entries(records)) {
    const fields = switched(name, limited(name, record.fields))
    if (fields !== record.fields) records[name] = { ...record, fields }
  }
  for (const record of tableRecords(records.own_row)) records[record.name] = record
  if (records.own_row) records.own_row = { ...records.own_row, where: { deleted_at__empty: '1' } }
  for (const [name, fields] of recordsWithOwnFields()) {
    const record = current.value.records[name] && records[name]
    if (record) records[name] = { ...record, fields: [...record.fields, ...fields] }
  }
  return { ...current.value, records }
})

/** And where the company wants them. */
const whole = computed<Declarations>(() => {
  const records = { ...unarranged.value.records }
  for (const [name, record] of Object.entries(records)) {
    const layout = layoutOf(name)
    if (layout) records[name] = { ...record, fields: arranged(record.fields, layout) }
  }
  return { ...current.value, records }
})

/** Forms and lists that ask for it inside a computed follow when a field is added. */
export function declarations(): Declarations {
  return whole.value
}

/** The declared fields of a record, whatever this person's role may do with them: for who grants rights to them. */
export const declaredFields = (record: string): FieldDeclaration[] =>
  switched(record, current.value.records[record]?.fields ?? [])

/** Whose fields a form has: some records have two forms. */
export const recordOfForm = (form: string): string => current.value.forms[form]?.record ?? form

/** The fields of a form in its own places. */
export function fieldsOfForm(form: string): FieldDeclaration[] {
  const record = recordOfForm(form)
  if (record === form) return recordNamed(form).fields
  return arranged(unarranged.value.records[record]?.fields ?? [], layoutOf(form))
}

/** For tests and for an app that reads newer declarations from the server. */
export function useDeclarations(next: Declarations): void {
  current.value = next
}

export function recordNamed(name: string): RecordDeclaration {
  const found = whole.value.records[name]
  if (!found) throw new Error(`no record is declared as ${name}`)
  return found
}

export function fieldNamed(record: string, name: string): FieldDeclaration | null {
  return recordNamed(record).fields.find((field) => field.name === name) ?? null
}

/** A kind that the company added itself is an entry of one of its lists (`kind_id` beside `kind`), and shown as that. */
export function shownAs(record: string, field: FieldDeclaration, row: Record<string, unknown>): FieldDeclaration {
  const own = field.kind === 'choice' ? fieldNamed(record, `${field.name}_id`) : null
  return own?.ref === 'option' && row[own.name] != null ? own : field
}

/** What a row is called, in words: the value of its title as people read it, '' where that is only an id. */
export function titleWord(record: string, value: unknown): string {
  const declared = whole.value.records[record]
  const kind = declared ? fieldNamed(record, declared.title_field)?.kind : null
  if (value == null || kind === 'ref') return ''
  return kind === 'choice' ? choiceLabel(record, declared!.title_field, String(value)) : String(value)
}

export interface SectionOfFields {
  section: string
  fields: FieldDeclaration[]
}

/** Fields grouped by section, in the declared order of sections, or in that of the record's layout. */
export function bySection(
  fields: FieldDeclaration[],
  record = '',
  layout: Arrangement | undefined = layoutOf(record),
): SectionOfFields[] {
  const order = orderOfSections(layout, current.value.sections)
  const groups = new Map<string, FieldDeclaration[]>()
  for (const field of fields) {
    const group = groups.get(field.section) ?? []
    group.push(field)
    groups.set(field.section, group)
  }
  return [...groups]
    .map(([section, members]) => ({ section, fields: members }))
    .sort((a, b) => order.indexOf(a.section) - order.indexOf(b.section))
}

export function isNumber(kind: Kind): boolean {
  return kind === 'int' || kind === 'money' || kind === 'price' || kind === 'quantity'
}

/** Digits after the point of a number kind. */
export function placesOf(kind: Kind): number {
  return kind === 'money' ? 2 : kind === 'price' || kind === 'quantity' ? 4 : 0
}

export {
  choiceLabel,
  errorText,
  fieldLabel,
  permissionLabel,
  recordLabel,
  recordPlural,
  sectionLabel,
} from './labels'
