/**
 * Forms and lists as the company arranges them: rows of the local store, one for each kind of record that differs from what
 * the product declares. Whether one of the company's own fields is required, hidden or listed stands in the field itself.
 */
import { shallowRef } from 'vue'
import type { FieldDeclaration } from './declarations'
import { sectionLabel } from './labels'
import { inLanguage } from './own'

export interface LayoutGroup {
  key: string
  name?: string | null
  name_tw?: string | null
  name_en?: string | null
}

export interface LayoutPlace {
  field: string
  group: string
  required?: boolean
  hidden?: boolean
  quick?: boolean
  width?: 'half' | 'full' | null
}

export interface LayoutColumn {
  field: string
  /** In rem. */
  width?: number | null
}

export interface Arrangement {
  groups: LayoutGroup[]
  form: LayoutPlace[]
  /** Null: the usual ones. */
  columns: LayoutColumn[] | null
}

export interface LayoutRow extends Arrangement {
  id: string
  record_type: string
}

const rows = shallowRef<readonly LayoutRow[]>([])

/** What the local store has now. */
export function setLayouts(found: readonly LayoutRow[]): void {
  rows.value = found
}

export const layoutOf = (record: string): LayoutRow | undefined =>
  rows.value.find((row) => row.record_type === record)

/** The fields in their places; those a layout does not know (they came later) stand after the others of their group. */
export function arranged(fields: FieldDeclaration[], layout: Arrangement | undefined): FieldDeclaration[] {
  if (!layout || layout.form.length === 0) return fields
  const places = new Map(layout.form.map((place, at) => [place.field, { place, at }]))
  const put = fields.map((field, at) => {
    const found = places.get(field.name)
    if (!found) return { field, at: layout.form.length + at }
    const { group, required, hidden, quick, width } = found.place
    const own = field.name.startsWith('own.')
    const here: FieldDeclaration = { ...field, section: group, width: width ?? null }
    if (!own) {
      here.required = field.required || (Boolean(required) && !field.readonly)
      here.hidden = Boolean(hidden)
      here.quick = Boolean(quick)
    }
    return { field: here, at: found.at }
  })
  return put.sort((a, b) => a.at - b.at).map(({ field }) => field)
}

/** Sections in the order of the company's groups, those of the product after them. */
export function orderOfSections(layout: Arrangement | undefined, usual: readonly string[]): string[] {
  const own = layout?.groups.map(({ key }) => key) ?? []
  return [...own, ...usual.filter((section) => !own.includes(section))]
}

/** What a group of a form is called. */
export function groupLabel(record: string, section: string, layout = layoutOf(record)): string {
  const group = layout?.groups.find(({ key }) => key === section)
  return group?.name ? inLanguage({ ...group, name: group.name }) : sectionLabel(section)
}

/** The columns of the list; null where the company has not said any. An own field that is listed since is the last. */
export function columnsOf(record: string, possible: readonly FieldDeclaration[]): string[] | null {
  const chosen = layoutOf(record)?.columns
  if (!chosen) return null
  const isListed = (name: string) => possible.find((field) => field.name === name)?.listed ?? false
  const names = chosen.map(({ field }) => field).filter((name) => !name.startsWith('own.') || isListed(name))
  const later = possible.filter(({ name, listed }) => name.startsWith('own.') && listed && !names.includes(name))
  return [...names, ...later.map(({ name }) => name)]
}

export const columnWidth = (record: string, field: string): number | null =>
  layoutOf(record)?.columns?.find((column) => column.field === field)?.width ?? null
