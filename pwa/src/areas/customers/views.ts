/**
 * The quick views of customers (CU-29, CU-30, CU-32), in one place for desk and phone: what the company is asked for
 * (`query`), and where the phone has it as well, how it answers from its own rows (`accept`).
 */
import type { ListQuery } from '@/api/records'
import type { Row } from '@/sync/types'
import { addDays, dayOf, today } from '@/ui/format'
import { fieldNamed } from '@/ui/declarations'
import { stageOf } from '../followups/leads'
import { celebratesWithin } from './birthdays'
import { owes, QUIET_DAYS, quietFor } from './directory'
import type { Customer } from './types'

export const BIRTHDAY_DAYS = 7
export const RECOVERY_DAYS = 7
export const SOON_DAYS = 7
const DAY = 86_400_000

/** When the pool takes customers back. */
export interface Recovery {
  /** The company's days without a follow-up; null: it takes none back for that. */
  quietDays: number | null
  /** Only customers of these categories; empty: of all. */
  categories: readonly string[]
  /** The days without a deal of those who have some. */
  dealDays: ReadonlyMap<string, number>
}

/** What a view on the phone looks at beside the customer itself. */
export interface Known {
  me: string
  /** Customers with a visit that I plan for today. */
  planned: ReadonlySet<string>
  /** Customers of whom a contact has a birthday soon. */
  celebrating: ReadonlySet<string>
  recovery: Recovery
  /** With whom a customer is shared, where it is. */
  shares: ReadonlyMap<string, ReadonlySet<string>>
  /** The moment of the last order of a customer that was not cancelled. */
  bought: ReadonlyMap<string, number>
  near: (row: Customer) => boolean
}

export interface QuickView {
  query?: (me: string) => ListQuery
  accept?: (known: Known) => (row: Customer) => boolean
  /** The number in a word like "7 天未联系". */
  n?: number
  /** A field without which the view says nothing. */
  needs?: string
  /** Offered only where the company takes customers back. */
  recovers?: boolean
}

const enabled = { enabled: '1' }
const startOf = (day: string) => new Date(`${day}T00:00:00`).toISOString()

export const quickViews = {
  all: { query: () => enabled, accept: () => () => true },
  near: { accept: ({ near }) => near },
  mine: { query: (me) => ({ ...enabled, owner_id: me }) },
  today: {
    query: (me) => ({ ...enabled, planned_for: me }),
    accept: ({ planned, me }) => {
      const end = addDays(today(), 1)
      return (row) =>
        planned.has(row.id) ||
        (!!row.next_contact_at && dayOf(row.next_contact_at) < end && (!row.owner_id || row.owner_id === me))
    },
  },
  overdue: { query: (me) => ({ ...enabled, contact_by: me, next_contact_at__lt: startOf(today()) }) },
  soon: {
    n: SOON_DAYS,
    query: (me) => ({
      ...enabled,
      contact_by: me,
      next_contact_at__ge: startOf(today()),
      next_contact_at__lt: startOf(addDays(today(), SOON_DAYS + 1)),
    }),
  },
  due: { query: () => ({ ...enabled, next_contact_at__lt: startOf(addDays(today(), 1)) }) },
  quiet: {
    n: QUIET_DAYS,
    query: () => ({ ...enabled, quiet_days: QUIET_DAYS }),
    accept: () => quietFor(QUIET_DAYS),
  },
  debt: {
    needs: 'debt_total',
    query: () => ({ ...enabled, debt_total__ge: '0.01' }),
    accept: () => (row) => owes(row.debt_total),
  },
  claimed: {
    query: (me) => ({ ...enabled, owner_id: me, claimed_at__empty: '0' }),
    accept:
      ({ me }) =>
      (row) =>
        row.owner_id === me && !!row.claimed_at,
  },
  recovery: {
    recovers: true,
    query: () => ({ ...enabled, recovered_within: RECOVERY_DAYS }),
    accept: aboutToBeRecovered,
  },
  birthday: {
    n: BIRTHDAY_DAYS,
    query: () => ({ ...enabled, birthday_within: BIRTHDAY_DAYS }),
    accept: ({ celebrating }) => {
      const celebrates = celebratesWithin(BIRTHDAY_DAYS)
      return (row) => celebrating.has(row.id) || celebrates(row.birth_date, row.birth_calendar)
    },
  },
  leads: { accept: () => (row) => stageOf(row) !== 'existing' },
  cold: { query: () => ({ ...enabled, lead_stage: 'cold' }) },
  potential: { query: () => ({ ...enabled, lead_stage: 'potential' }) },
  following: { query: () => ({ ...enabled, lead_stage: 'following' }) },
  existing: { query: () => ({ ...enabled, lead_stage: 'existing' }) },
  shared_to_me: {
    query: (me) => ({ ...enabled, shared_with: me }),
    accept:
      ({ shares, me }) =>
      (row) =>
        shares.get(row.id)?.has(me) === true,
  },
  shared_by_me: {
    query: (me) => ({ ...enabled, shared_by: me }),
    accept:
      ({ shares, me }) =>
      (row) =>
        row.owner_id === me && shares.has(row.id),
  },
  pool: { query: () => ({ ...enabled, owner_id__empty: '1' }) },
  chain: { needs: 'cross_branch', query: () => ({ ...enabled, cross_branch: '1' }) },
  doubles: { query: () => ({ duplicate_of__empty: '0', merged_into__empty: '1' }) },
  disabled: { query: () => ({ enabled: '0' }) },
} satisfies Record<string, QuickView>
export type View = keyof typeof quickViews

/** Not by a field that this person may not read or the company has not got. */
export function isOffered(name: View): boolean {
  const { needs } = quickViews[name] as QuickView
  return !needs || fieldNamed('customer', needs) !== null
}

/** Those for `desk` or `phone`, without those by what this person may not read or the company does not do. */
export function viewsFor(where: 'desk' | 'phone', recovery: Recovery): View[] {
  return (Object.entries(quickViews) as [View, QuickView][]).flatMap(([name, view]) => {
    const offered =
      (where === 'desk' ? view.query : view.accept) !== undefined &&
      isOffered(name) &&
      (!view.recovers || recovery.quietDays !== null || recovery.dealDays.size > 0)
    return offered ? [name] : []
  })
}

export const isQuickView = (text: unknown): text is View => typeof text === 'string' && text in quickViews
export const numberIn = (view: View): number | undefined => (quickViews[view] as QuickView).n
export const queryOf = (view: View, me: string): ListQuery => (quickViews[view] as QuickView).query?.(me) ?? enabled
export const acceptOf = (view: View, known: Known): ((row: Customer) => boolean) =>
  (quickViews[view] as QuickView).accept?.(known) ?? (() => true)

export function sharesByCustomer(rows: Iterable<Row>): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>()
  for (const { customer_id, employee_id } of rows) {
    const id = String(customer_id)
    found.set(id, (found.get(id) ?? new Set()).add(String(employee_id)))
  }
  return found
}

export function lastOrders(orders: Iterable<Row>): Map<string, number> {
  const found = new Map<string, number>()
  for (const { customer_id, state, ordered_at } of orders) {
    if (state === 'cancelled') continue
    const id = String(customer_id)
    found.set(id, Math.max(found.get(id) ?? 0, Date.parse(String(ordered_at))))
  }
  return found
}

/** The pool takes it back within a few days: nobody has spoken with it for so long (CU-53), or its owner has had it for so
 * long without selling anything (CU-54). As server/customers/owners.py has it. */
function aboutToBeRecovered({ recovery, bought }: Known): (row: Customer) => boolean {
  const soon = Date.now() + RECOVERY_DAYS * DAY
  const over = (moment: unknown, days: number) => !moment || Date.parse(String(moment)) < soon - days * DAY
  return (row) => {
    if (!row.owner_id) return false
    if (recovery.categories.length > 0 && !recovery.categories.includes(String(row.category_id))) return false
    const followed = [row.created_at, row.owned_since, row.last_contact_at, row.last_visit_at]
    const { quietDays } = recovery
    if (quietDays !== null && followed.every((moment) => over(moment, quietDays))) return true
    const held = row.owned_since ?? row.created_at
    const days = recovery.dealDays.get(String(row.owner_id))
    return days !== undefined && over(held, days) && (bought.get(row.id) ?? 0) < Date.parse(String(held ?? 0))
  }
}
