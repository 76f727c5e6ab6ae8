/** Where the company wants the fields of screens that are made by hand; without a word of it, as the screen has them. */
import { recordNamed, type FieldDeclaration } from './declarations'
import { layoutOf, orderOfSections } from './layout'
import { ownFieldsOf } from './own'
import { complaint, isEmpty, type Complaint } from './validate'

export interface Placed {
  name: string
  /** Asked for by the company: what the product needs, the screen says itself. */
  required: boolean
  width: 'half' | 'full' | null
  /** One of the company's own fields. */
  own: FieldDeclaration | null
}

export interface PlacedGroup {
  /** Null where the company has not arranged the form: the screen has no groups then. */
  section: string | null
  fields: Placed[]
}

/** The fields of a screen and the company's own, in groups; what is hidden is left out. */
export function placedIn(record: string, fields: readonly string[]): PlacedGroup[] {
  const declared = new Map(recordNamed(record).fields.map((field, at) => [field.name, { field, at }]))
  const layout = layoutOf(record)
  const places = new Map(layout?.form.map((place) => [place.field, place]))
  const own = new Map(ownFieldsOf(record).flatMap((field) => (field.readonly ? [] : [[field.name, field]])))
  const shown = [...fields, ...own.keys()].flatMap((name) => {
    const found = declared.get(name)
    if (!found || found.field.hidden) return []
    const place = places.get(name)
    const mine = own.get(name) ?? null
    const required = mine ? mine.required : Boolean(place?.required)
    const width = place?.width ?? null
    return [{ at: found.at, section: found.field.section, placed: { name, required, width, own: mine } }]
  })
  if (places.size === 0) return [{ section: null, fields: shown.map(({ placed }) => placed) }]
  const sections = [...new Set(shown.map(({ section }) => section))]
  return orderOfSections(layout, sections).flatMap((section) => {
    const members = shown.filter((one) => one.section === section).sort((a, b) => a.at - b.at)
    return members.length ? [{ section, fields: members.map(({ placed }) => placed) }] : []
  })
}

/** What keeps a field from being sent. */
export function complaintOf(field: Placed, values: Record<string, unknown>): Complaint | null {
  if (field.own) return complaint(field.own, values[field.name])
  return field.required && isEmpty(values[field.name]) ? { key: 'required_missing' } : null
}

/** The names of the fields that keep a screen from being sent. */
export const lackingIn = (record: string, fields: readonly string[], values: Record<string, unknown>): string[] =>
  placedIn(record, fields).flatMap((group) =>
    group.fields.flatMap((field) => (complaintOf(field, values) ? [field.name] : [])),
  )

/** Whether the company shows it. */
export const isShown = (record: string, name: string): boolean =>
  recordNamed(record).fields.some((field) => field.name === name && !field.hidden)

/** Whether the company asks for it beyond what the product needs. */
export const isAsked = (record: string, name: string): boolean =>
  Boolean(layoutOf(record)?.form.some((place) => place.field === name && place.required && !place.hidden))
