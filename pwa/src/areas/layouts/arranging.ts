/** A form and a list in the administrator's hands: groups and fields as one sequence, a field belongs to the group above. */
import { textOrNull } from '@/app/i18n'
import { declarations, declaredFields, recordOfForm, type FieldDeclaration } from '@/ui/declarations'
import { arranged, orderOfSections, type Arrangement, type LayoutGroup, type LayoutPlace } from '@/ui/layout'
import { everyOwnField } from '@/ui/own'
import { possibleColumns, widthOf } from '@/ui/table/state'

const NEVER_ASKED = new Set(['bool', 'json', 'photo', 'files', 'geo'])

export type Item = { kind: 'group'; group: LayoutGroup } | { kind: 'field'; place: LayoutPlace }

export interface ColumnItem {
  field: string
  shown: boolean
  /** In rem. */
  width: number
}

/** Of the second form of a record, what it has; the list is that of the first. */
export const fieldsOf = (form: string): FieldDeclaration[] => {
  const record = recordOfForm(form)
  const declared = declaredFields(record).filter((field) => field.kind !== 'json')
  if (record === form) return [...declared, ...everyOwnField(record)]
  return declared.filter((field) => declarations().forms[form]?.entered?.includes(field.name))
}
export const hasList = (form: string): boolean => recordOfForm(form) === form

/** Whether people fill it in: the rest is only read. */
export function isEntered(form: string, field: FieldDeclaration): boolean {
  if (field.name.startsWith('own.')) return true
  return declarations().forms[form]?.entered?.includes(field.name) ?? !field.readonly
}
/** What nothing can be saved without. */
export const isNeeded = (field: FieldDeclaration): boolean =>
  field.required && field.default === null && !field.readonly && !field.name.startsWith('own.')
/** Why it cannot be hidden; null where it can. */
export function whyShown(form: string, field: FieldDeclaration, general: string): string | null {
  if (declarations().forms[form]?.needed?.includes(field.name))
    return textOrNull(`needed.${form}.${field.name}`) ?? general
  return isNeeded(field) ? general : null
}
/** Whether the company may say that it must be filled in. */
export const mayBeAsked = (form: string, field: FieldDeclaration): boolean =>
  isEntered(form, field) &&
  !NEVER_ASKED.has(field.kind) &&
  (field.name.startsWith('own.') || !(field.required && field.default === null))

export function itemsOf(record: string, layout: Arrangement | undefined): Item[] {
  const placed = new Map(layout?.form.map((place) => [place.field, place]))
  const fields = arranged(fieldsOf(record), layout)
  const sections = orderOfSections(layout, declarations().sections)
  const own = new Map(layout?.groups.map((group) => [group.key, group]))
  return sections.flatMap((section): Item[] => {
    const members = fields.filter((field) => field.section === section)
    if (members.length === 0 && !own.has(section)) return []
    return [
      { kind: 'group', group: { ...(own.get(section) ?? { key: section }) } },
      ...members.map((field): Item => {
        const declared = !field.name.startsWith('own.')
        const place = placed.get(field.name)
        const required = declared ? Boolean(place?.required) : field.required
        const { hidden, quick, width } = field
        return { kind: 'field', place: { field: field.name, group: section, required, hidden, quick, width } }
      }),
    ]
  })
}

/** The order and groups that the items say. */
export function formOf(items: readonly Item[]): Pick<Arrangement, 'groups' | 'form'> {
  const groups: LayoutGroup[] = []
  const form: LayoutPlace[] = []
  for (const item of items) {
    if (item.kind === 'group') groups.push({ ...item.group })
    else form.push({ ...item.place, group: groups.at(-1)?.key ?? 'main' })
  }
  return { groups, form }
}

export function columnsIn(record: string, layout: Arrangement | undefined): ColumnItem[] {
  const possible = possibleColumns({ fields: fieldsOf(record) } as Parameters<typeof possibleColumns>[0])
  const title = declarations().records[record]?.title_field
  const known = new Map(layout?.columns?.map(({ field, width }, at) => [field, { at, width }]))
  return possible
    .map((field, at) => {
      const place = known.get(field.name)
      const shown = layout?.columns
        ? place !== undefined && (!field.name.startsWith('own.') || field.listed)
        : field.listed
      const width = place?.width ?? widthOf(field, field.name === title)
      return { field: field.name, shown, width, at: shown ? (place?.at ?? 500 + at) : 1000 + at }
    })
    .sort((a, b) => a.at - b.at)
    .map(({ field, shown, width }) => ({ field, shown, width }))
}

/** What is said of columns: nothing as long as nobody has chosen any, so that lists with columns of their own (orders by
 * their state) keep them. */
export function columnsToSave(
  record: string,
  layout: Arrangement | undefined,
  columns: readonly ColumnItem[],
): Arrangement['columns'] {
  const usual = JSON.stringify(columns) === JSON.stringify(columnsIn(record, undefined))
  if (usual && !layout?.columns) return null
  return columns.filter(({ shown }) => shown).map(({ field, width }) => ({ field, width }))
}

/** Moves one of them; the first is always a group. */
export function moved(items: readonly Item[], from: number, to: number): Item[] {
  const next = [...items]
  const [item] = next.splice(from, 1)
  if (!item) return next
  next.splice(Math.max(item.kind === 'field' ? 1 : 0, Math.min(to, next.length)), 0, item)
  return next[0]?.kind === 'group' ? next : [...items]
}

/** Moves a group with its fields up or down past the next one. */
export function groupMoved(items: readonly Item[], at: number, by: 1 | -1): Item[] {
  const blocks: Item[][] = []
  let mine = 0
  items.forEach((item, index) => {
    if (item.kind === 'group') blocks.push([])
    if (index === at) mine = blocks.length - 1
    blocks.at(-1)?.push(item)
  })
  const [block] = blocks.splice(mine, 1)
  if (block) blocks.splice(Math.max(0, mine + by), 0, block)
  return blocks.flat()
}
