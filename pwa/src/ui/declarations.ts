/**
 * The record declarations of the server, as the generator wrote them (`src/generated/declarations.json`).
 *
 * Forms, lists, filters and labels are drawn from here; a field that is added on the server appears by itself.
 */
import { textOrNull } from '@/app/i18n'

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
  | 'ref'
  | 'refs'
  | 'geo'
  | 'json'
  | 'photo'

export interface FieldDeclaration {
  name: string
  kind: Kind
  required: boolean
  readonly: boolean
  policy: string
  listed: boolean
  section: string | null
  choices: string[] | null
  ref: string | null
  /** For a ref to `option`: which of the company's lists the option is from. */
  ref_list: string | null
  max_length: number | null
  min: number | string | null
  max: number | string | null
  quick: boolean
  importable: boolean
}

export interface RecordDeclaration {
  name: string
  area: string
  root: string
  /** Its place under /api when it is not simply the name with an s. */
  path?: string
  title_field: string
  number_field: string | null
  search: string[]
  fields: FieldDeclaration[]
}

export interface Declarations {
  schema: number
  records: Record<string, RecordDeclaration>
  sections: string[]
  permissions: string[]
  commands: Record<string, { version: number }>
}

const files = import.meta.glob<Declarations>('../generated/declarations.json', { eager: true, import: 'default' })
const empty: Declarations = { schema: 0, records: {}, sections: [], permissions: [], commands: {} }

let current: Declarations = Object.values(files)[0] ?? empty

export function declarations(): Declarations {
  return current
}

/** For tests and for an app that reads newer declarations from the server. */
export function useDeclarations(next: Declarations): void {
  current = next
}

export function recordNamed(name: string): RecordDeclaration {
  const found = current.records[name]
  if (!found) throw new Error(`no record is declared as ${name}`)
  return found
}

export function fieldNamed(record: string, name: string): FieldDeclaration | null {
  return recordNamed(record).fields.find((field) => field.name === name) ?? null
}

export interface SectionOfFields {
  section: string | null
  fields: FieldDeclaration[]
}

/** Fields grouped by section, in the order sections first appear; `system` comes last. */
export function bySection(fields: FieldDeclaration[]): SectionOfFields[] {
  const groups = new Map<string | null, FieldDeclaration[]>()
  for (const field of fields) {
    const group = groups.get(field.section) ?? []
    group.push(field)
    groups.set(field.section, group)
  }
  return [...groups]
    .map(([section, members]) => ({ section, fields: members }))
    .sort((a, b) => Number(a.section === 'system') - Number(b.section === 'system'))
}

export function isNumber(kind: Kind): boolean {
  return kind === 'int' || kind === 'money' || kind === 'price' || kind === 'quantity'
}

/** Digits after the point of a number kind. */
export function placesOf(kind: Kind): number {
  return kind === 'money' ? 2 : kind === 'price' || kind === 'quantity' ? 4 : 0
}

// ---- labels: the server's words, with the bare name where a label is missing ---------------------------------------
export const recordLabel = (record: string): string => textOrNull(`record.${record}`) ?? record
export const recordPlural = (record: string): string => textOrNull(`record.${record}.plural`) ?? recordLabel(record)
export const fieldLabel = (record: string, field: string): string => textOrNull(`field.${record}.${field}`) ?? field
export const choiceLabel = (record: string, field: string, choice: string): string =>
  textOrNull(`choice.${record}.${field}.${choice}`) ?? choice
export const sectionLabel = (section: string | null): string =>
  section === null ? '' : (textOrNull(`section.${section}`) ?? '')
export const permissionLabel = (permission: string): string => textOrNull(`permission.${permission}`) ?? permission
/** The sentence of an error code, or null where the server declares none. */
export const errorText = (code: string, params: Record<string, unknown> = {}): string | null =>
  textOrNull(`error.${code}`, params)
