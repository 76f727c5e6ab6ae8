/** What is asked of a report stands in the address, so that back and a sent link find it again. */
import { language } from '@/app/i18n'
import type { Chart, Entry, Filter } from './report'

export interface Step {
  /** What was chosen, in words. */
  label: string
  /** The dimension it was chosen in. */
  by: string
  filter: Filter
}

export interface Asked {
  by?: string
  across?: string
  period?: string
  from?: string
  to?: string
  compare?: string
  sort?: string
  chart?: Chart
  /** How one came down here. */
  trail?: Step[]
  /** Filters by fields of the record. */
  filters?: Filter
}

const WORDS = ['by', 'across', 'period', 'from', 'to', 'compare', 'sort', 'chart', 'trail'] as const
type Query = Record<string, string | null | (string | null)[] | undefined>

function stepsOf(text: string): Step[] {
  try {
    const found: unknown = JSON.parse(text)
    return Array.isArray(found) ? found.filter((one) => one && typeof one === 'object' && 'filter' in one) : []
  } catch {
    return []
  }
}

export function readAsked(query: Query): Asked {
  const found: Record<string, unknown> = {}
  const filters: Filter = {}
  for (const [name, value] of Object.entries(query)) {
    const text = Array.isArray(value) ? value[0] : value
    if (text == null) continue
    if (name === 'trail') found.trail = stepsOf(text)
    else if ((WORDS as readonly string[]).includes(name)) found[name] = text
    else filters[name] = text
  }
  return { ...found, filters }
}

export function writeAsked(asked: Asked): Record<string, string> {
  const { trail, filters, ...words } = asked
  const found = Object.entries({ ...filters, ...words }).filter(([, value]) => value !== undefined)
  return {
    ...(Object.fromEntries(found) as Record<string, string>),
    ...(trail?.length ? { trail: JSON.stringify(trail) } : {}),
  }
}

/** The server's address for it. An empty `by` has to be said: it is not the report's own. */
export function addressOf(entry: Pick<Entry, 'name'>, asked: Asked): { path: string; query: Filter } {
  const { by, across, period, from, to, compare, sort, trail, filters } = asked
  const words = { by, across, period, from, to, compare, sort, language: language.value }
  const query = Object.assign({}, filters, ...(trail ?? []).map((step) => step.filter), words) as Filter
  for (const name of ['by', 'across'] as const) if (query[name] === '') query[name] = '-'
  return { path: `/api/reports/${encodeURIComponent(entry.name)}`, query }
}
