/** In which order a new company is filled (BUSINESS.md SY-1), as far as the product has it, and how far this one has come. */
import type { ListQuery } from '@/api/records'
import { declarations } from '@/ui/declarations'
import { deskPath } from '@/ui/record/paths'

export interface Step {
  /** It is kept with the company, so it stays. */
  name: string
  to: string
  /** What is counted: how much of it is there. */
  record?: string
  query?: ListQuery
}

export interface Guide {
  done?: string[]
  skipped?: string[]
  /** Not shown any more. */
  away?: boolean
}

const list = (name: string): Step => ({
  name,
  to: `/desk/lists?list=${name}`,
  record: 'option',
  query: { list_name: name, enabled: '1' },
})
const rows = (record: string): Step => ({ name: record, to: deskPath(record), record })

export const steps = (): Step[] =>
  [
    list('customer_category'),
    list('customer_source'),
    rows('product_category'),
    rows('product'),
    rows('department'),
    rows('role'),
    rows('employee'),
    { name: 'company', to: '/desk/company' },
  ].filter(({ record }) => !record || record in declarations().records)

const settled = (guide: Guide): Set<string> => new Set([...(guide.done ?? []), ...(guide.skipped ?? [])])
export const stateOf = (guide: Guide, step: string): 'done' | 'skipped' | 'open' =>
  guide.done?.includes(step) ? 'done' : guide.skipped?.includes(step) ? 'skipped' : 'open'
export const open = (guide: Guide, all = steps()): Step[] => all.filter(({ name }) => !settled(guide).has(name))
/** Whether it leads anybody on. */
export const leads = (guide: Guide): boolean => !guide.away && open(guide).length > 0

/** The same step is done or skipped; said again, it is open. */
export function said(guide: Guide, step: string, what: 'done' | 'skipped'): Guide {
  const was = guide[what]?.includes(step)
  const without = (names: string[] | undefined) => (names ?? []).filter((name) => name !== step)
  const next = { ...guide, done: without(guide.done), skipped: without(guide.skipped) }
  return was ? next : { ...next, [what]: [...next[what], step] }
}
