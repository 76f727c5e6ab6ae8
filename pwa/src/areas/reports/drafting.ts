/** A report that is made in the browser: from the fields of a record to the declaration that the server keeps. */
import { declarations, type FieldDeclaration } from '@/ui/declarations'

export interface DraftMeasure {
  kind: 'count' | 'sum' | 'average' | 'latest' | 'share'
  field: string
  label: string
}

export interface Draft {
  name: string
  record: string
  moment: string
  period: string
  mine: string
  dimensions: string[]
  by: string
  chart: string
  measures: DraftMeasure[]
  /** What the browser does not change of a declaration stays as it is. */
  rest: Record<string, unknown>
}

const PLAIN = new Set(['text', 'choice', 'bool', 'ref', 'int'])
const SUMMED = new Set(['money', 'price', 'quantity', 'int'])
const MOMENTS = new Set(['date', 'datetime'])
export const CALENDAR = ['day', 'week', 'month', 'quarter', 'year'] as const

export const blank = (): Draft => ({
  name: '',
  record: 'customer',
  moment: '',
  period: 'this_month',
  mine: '',
  dimensions: [],
  by: '',
  chart: 'column',
  measures: [{ kind: 'count', field: '', label: '' }],
  rest: {},
})

const fieldsOf = (record: string): FieldDeclaration[] => declarations().records[record]?.fields ?? []
const readable = (field: FieldDeclaration) => !field.masked

export const momentsOf = (record: string): FieldDeclaration[] =>
  fieldsOf(record).filter((one) => MOMENTS.has(one.kind))
export const summable = (record: string): FieldDeclaration[] =>
  fieldsOf(record).filter((one) => SUMMED.has(one.kind) && readable(one))
export const people = (record: string): FieldDeclaration[] =>
  fieldsOf(record).filter((one) => one.kind === 'ref' && one.ref === 'employee')

export interface DimensionChoice {
  value: string
  /** Fields from the record to the value, each as [record, field]. */
  path: [string, string][]
  unit: string
}

/** What can be counted by: the record's own fields, the calendar of its moments, the departments of its people, and where
 * and what its customer is. */
export function dimensionsOf(record: string): DimensionChoice[] {
  const found: DimensionChoice[] = []
  for (const field of fieldsOf(record)) {
    const own: [string, string][] = [[record, field.name]]
    if (MOMENTS.has(field.kind)) {
      found.push(...CALENDAR.map((unit) => ({ value: `${field.name}:${unit}`, path: own, unit })))
    } else if (PLAIN.has(field.kind) && readable(field)) {
      found.push({ value: field.name, path: own, unit: '' })
      if (field.ref === 'employee') {
        const path: [string, string][] = [...own, ['employee', 'department_id']]
        found.push({ value: `${field.name}.department_id:tree`, path, unit: 'tree' })
      }
      if (field.ref === 'customer' && record !== 'customer') {
        for (const name of ['province', 'city', 'sales_region_id', 'category_id', 'owner_id']) {
          found.push({ value: `${field.name}.${name}`, path: [...own, ['customer', name]], unit: '' })
        }
      }
    }
  }
  return found
}

/** The declaration as the server stores it; a label that was not given is `usual`. */
export function declarationOf(draft: Draft, usual: (measure: DraftMeasure) => string): Record<string, unknown> {
  const measures = draft.measures.map((one, at) => {
    const label = one.label.trim() || usual(one)
    const field = one.kind === 'count' || one.kind === 'share' ? {} : { field: one.field }
    return { name: `m${at + 1}`, kind: one.kind, label: [label, label, label], ...field }
  })
  const dimensions = [...new Set([...draft.dimensions, draft.by])].filter(Boolean)
  const { rest, record, moment, mine, by, chart } = draft
  return { ...rest, record, moment, mine, by, chart, measures, dimensions, period: moment ? draft.period : 'all' }
}

/** A stored declaration in the editor. */
export function draftOf(name: string, declaration: Record<string, unknown>): Draft {
  const { record, moment, period, mine, dimensions, by, chart, measures, ...rest } = declaration
  const text = (value: unknown): string => (typeof value === 'string' ? value : '')
  const told = (measures ?? []) as { kind: DraftMeasure['kind']; field?: string; label: string[] }[]
  return {
    name,
    record: text(record),
    moment: text(moment),
    period: text(period) || 'all',
    mine: text(mine),
    dimensions: (dimensions ?? []) as string[],
    by: text(by),
    chart: text(chart) || 'none',
    measures: told.map((one) => ({ kind: one.kind, field: one.field ?? '', label: one.label[0] ?? '' })),
    rest,
  }
}
