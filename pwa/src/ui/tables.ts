/**
 * Tables of the company's own, as an administrator declares them while the app runs: rows of the local store that become
 * declared records. Each is called `own_row:<id of the table>`; its rows are rows of `own_row`, and so are its commands.
 */
import { computed, shallowRef } from 'vue'
import type { FieldDeclaration, RecordDeclaration } from './declarations'
import { inLanguage, ownFieldsOf } from './own'

export type TablePlace = 'customer' | 'person' | 'company'
export const TABLE_OPERATIONS = ['view', 'create', 'edit', 'delete', 'export'] as const
export type TableOperation = (typeof TABLE_OPERATIONS)[number]
/** By role; `others` are those that are not named. */
export type TableRights = Record<string, TableOperation[]>

export interface OwnTable {
  id: string
  name: string
  name_tw: string | null
  name_en: string | null
  title_name: string | null
  title_name_tw: string | null
  title_name_en: string | null
  place: TablePlace
  rights: TableRights | null
  sort: number
  state: 'active' | 'deleted' | 'purged'
  [field: string]: unknown
}

const PREFIX = 'own_row:'
const rows = shallowRef<readonly OwnTable[]>([])
const role = shallowRef<string | null>(null)

/** What the local store has now, and whose rights count. */
export function setTables(found: readonly OwnTable[], roleId: string | null): void {
  rows.value = [...found].sort((a, b) => a.sort - b.sort || (a.id < b.id ? -1 : 1))
  role.value = roleId
}

/** What the rows of a table are called among the declared records. */
export const recordOfTable = (id: string): string => `${PREFIX}${id}`
/** The record whose commands, routes and stored rows these are. */
export const baseOf = (record: string): string => (record.startsWith(PREFIX) ? 'own_row' : record)
/** Also of a table that this device has not heard of yet. */
export const tableIdOf = (record: string): string | null =>
  record.startsWith(PREFIX) ? record.slice(PREFIX.length) : null
export const tableOf = (record: string): OwnTable | undefined =>
  record.startsWith(PREFIX) ? rows.value.find(({ id }) => record === recordOfTable(id)) : undefined

type Shared = Pick<OwnTable, 'place' | 'rights'>
const lets = ({ rights }: Shared, roleId: string | null, operation: TableOperation): boolean =>
  (rights?.[roleId ?? ''] ?? rights?.others ?? []).includes(operation)
const grants = (table: OwnTable, operation: TableOperation) => lets(table, role.value, operation)

/** In use and for this person's role, in their order. */
export const tables = computed(() => rows.value.filter((table) => table.state === 'active' && grants(table, 'view')))
/** All in use, for who arranges them. */
export const everyTable = computed(() => rows.value.filter(({ state }) => state === 'active'))

/** Whether the table lets this person's role do it; `scope`: how far the role itself reaches. */
export function tableLets(record: string, operation: string, scope: string): boolean {
  const table = tableOf(record)
  return !!table && grants(table, operation as TableOperation) && suffices(table, operation, scope)
}

/** What belongs to nobody is written by those whose reach is everybody's rows. */
function suffices({ place }: Shared, operation: string, scope: string): boolean {
  return place !== 'company' || !['create', 'edit', 'delete'].includes(operation) || scope === 'all'
}

export interface TableRole {
  id: string
  name: string
  permissions: Record<string, string> | null
  is_administrator: boolean
}

/** Whether a role's own permission is enough for what a table may let it do. */
export function roleSuffices(table: Shared, one: TableRole, operation: TableOperation): boolean {
  const scope = one.is_administrator ? 'all' : one.permissions?.[`own_row.${operation}`]
  return scope !== undefined && suffices(table, operation, scope)
}

/** Who sees rows of a table, and whom the table would let, but who has not got the permission. */
export function seersOf(table: Shared, roles: readonly TableRole[]): { see: TableRole[]; lack: TableRole[] } {
  const meant = roles.filter(({ id }) => lets(table, id, 'view'))
  return {
    see: meant.filter((one) => roleSuffices(table, one, 'view')),
    lack: meant.filter((one) => !roleSuffices(table, one, 'view')),
  }
}

export function tableLabel(record: string): string | null {
  const table = tableOf(record)
  return table ? inLanguage(table) : null
}

/** What the first column is called, where the company says it. */
export function titleLabel(record: string): string | null {
  const table = tableOf(record)
  if (!table?.title_name) return null
  return inLanguage({ name: table.title_name, name_tw: table.title_name_tw, name_en: table.title_name_en })
}

const PLACE_FIELD: Record<TablePlace, string | null> = { customer: 'customer_id', person: 'owner_id', company: null }
const COMMON = ['title', 'created_at', 'created_by']

function fieldsOf(table: OwnTable, base: RecordDeclaration): FieldDeclaration[] {
  const place = PLACE_FIELD[table.place]
  const title = base.fields.filter(({ name }) => name === 'title')
  const whose = base.fields
    .filter(({ name }) => name === place)
    .map((field) => (table.place === 'customer' ? { ...field, required: true } : field))
  const rest = base.fields.filter(({ name }) => COMMON.includes(name) && name !== 'title')
  const own = ownFieldsOf(recordOfTable(table.id)).map((field) => ({ ...field, section: 'main' }))
  return [...title, ...whose, ...own, ...rest]
}

/** The tables as declared records. */
export function tableRecords(base: RecordDeclaration | undefined): RecordDeclaration[] {
  if (!base) return []
  return everyTable.value.map((table) => {
    const name = recordOfTable(table.id)
    return {
      ...base,
      name,
      permission: name,
      where: { table_id: table.id, deleted_at__empty: '1' },
      given: { table_id: table.id },
      desk: `/desk/tables/${table.id}`,
      fields: fieldsOf(table, base),
    }
  })
}
