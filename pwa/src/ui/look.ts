/**
 * How forms, details and printed pages look, as the company keeps it: templates are rows of the local store, at most one of a form
 * and a purpose is in force. What a newer server says and this device does not know is left out: the product's look stands there.
 */
import { computed, inject, provide, shallowRef, type ComputedRef, type InjectionKey } from 'vue'
import { declarations } from './declarations'

export const PURPOSES = ['create', 'edit', 'detail', 'print'] as const
export type Purpose = (typeof PURPOSES)[number]
/** Their colours stand in look/look.scss. */
export const ACCENTS = ['blue', 'green', 'orange', 'red', 'purple', 'grey'] as const
export type Accent = (typeof ACCENTS)[number]
export const PAPERS = ['A4', 'A5', 'receipt'] as const
const DIRECTIONS = ['portrait', 'landscape'] as const

export interface Paper {
  paper: (typeof PAPERS)[number]
  direction: (typeof DIRECTIONS)[number]
  title: string
  header: string
  footer: string
  /** Null: the usual ones. */
  fields: string[] | null
  lines: string[] | null
  signatures: string[]
}

export interface Look {
  columns: 1 | 2 | null
  labels: 'above' | 'beside' | null
  spacing: 'roomy' | 'close' | null
  accent: Accent | null
  /** The line under the title. */
  text: string
  paper: Paper
}

export interface TemplateRow {
  id: string
  name: string
  record_type: string
  purpose: string
  in_force: boolean
  look: unknown
  /** The hash of a small PNG or JPEG. */
  picture: string | null
  picture_kind: string | null
  picture_size: number | null
}

const among = <T>(known: readonly T[], value: unknown): T | null => (known.includes(value as T) ? (value as T) : null)
const word = (value: unknown): string => (typeof value === 'string' ? value : '')
const words = (value: unknown): string[] | null =>
  Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : null

/** What of a look this device understands. */
export function readLook(found: unknown): Look {
  const said = (typeof found === 'object' && found !== null ? found : {}) as Record<string, unknown>
  const paper = (typeof said.paper === 'object' && said.paper !== null ? said.paper : {}) as Record<string, unknown>
  return {
    columns: among([1, 2] as const, said.columns),
    labels: among(['above', 'beside'] as const, said.labels),
    spacing: among(['roomy', 'close'] as const, said.spacing),
    accent: among(ACCENTS, said.accent),
    text: word(said.text),
    paper: {
      paper: among(PAPERS, paper.paper) ?? 'A4',
      direction: among(DIRECTIONS, paper.direction) ?? 'portrait',
      title: word(paper.title),
      header: word(paper.header),
      footer: word(paper.footer),
      fields: words(paper.fields),
      lines: words(paper.lines),
      signatures: words(paper.signatures) ?? [],
    },
  }
}

const rows = shallowRef<readonly TemplateRow[]>([])

/** What the local store has now. */
export function setTemplates(found: readonly TemplateRow[]): void {
  rows.value = found
}
export const templates = (): readonly TemplateRow[] => rows.value

/** The one in force; none: as the product has it. */
export const templateOf = (form: string, purpose: Purpose): TemplateRow | null =>
  rows.value.find((row) => row.in_force && row.record_type === form && row.purpose === purpose) ?? null

export interface Shown {
  look: Look
  classes: string[]
  template: TemplateRow | null
  /** Of a picture that is not saved yet. */
  picture?: string | null
}

export function inLook(look: Look, template: TemplateRow | null = null, picture?: string | null): Shown {
  const { columns, labels, spacing, accent } = look
  const classes = [
    ...(columns ? [`look-columns-${columns}`] : []),
    ...(labels ? [`look-labels-${labels}`] : []),
    ...(spacing ? [`look-spacing-${spacing}`] : []),
    ...(accent ? ['look-accent', `look-accent-${accent}`] : []),
  ]
  return { look, classes, template, picture }
}

const KEY: InjectionKey<() => Shown | null> = Symbol('look')
/** A look that is being tried: whatever is drawn below has it. */
export const provideLook = (look: () => Shown | null): void => provide(KEY, look)

/** How a form is to look now; follows when another template comes into force. */
export function useLook(form: () => string, purpose: () => Purpose): ComputedRef<Shown> {
  const tried = inject(KEY, null)
  return computed(() => {
    const trying = tried?.()
    if (trying) return trying
    const template = templateOf(form(), purpose())
    return inLook(readLook(template?.look), template)
  })
}

/** The forms that can be given a look. */
export const forms = (): string[] =>
  declarations().records.form_template?.fields.find(({ name }) => name === 'record_type')?.choices ?? []
export const printPath = (record: string, id: string): string => `/print/${record}/${encodeURIComponent(id)}`
