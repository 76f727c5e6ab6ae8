/** What one person did on one business day or in several, from the rows on this phone; the server counts the same again. */
import { computed, type ComputedRef, type MaybeRefOrGetter, toValue } from 'vue'
import type { Row } from '@/sync/types'
import { useRows } from '@/sync/vue'
import { known, sum } from '@/ui/decimal'
import { dayOf } from '@/ui/format'
import { useMyId } from '../company/settings'
import { useTable } from '../tables'
import type { Period } from './periods'

export interface DayWork {
  visits: Row[]
  customers: Row[]
  /** Contact records, without those that the system wrote. */
  contacts: Row[]
  orders: Row[]
  payments: Row[]
}

function within(moment: unknown, { start, end }: Period): boolean {
  if (typeof moment !== 'string') return false
  const day = dayOf(moment)
  return start <= day && day <= end
}

export function workOf(me: string, period: Period, rows: { [what in keyof DayWork]: Iterable<Row> }): DayWork {
  const by = (field: string) => (a: Row, b: Row) => (String(a[field]) < String(b[field]) ? -1 : 1)
  return {
    visits: [...rows.visits]
      .filter((row) => row.visitor_id === me && within(row.checked_in_at, period))
      .sort(by('checked_in_at')),
    customers: [...rows.customers]
      .filter((row) => row.created_by === me && within(row.filed_at, period))
      .sort(by('filed_at')),
    contacts: [...rows.contacts]
      .filter((row) => row.clerk_id === me && row.automatic !== true && within(row.contacted_at, period))
      .sort(by('contacted_at')),
    orders: [...rows.orders]
      .filter((row) => row.clerk_id === me && row.state !== 'cancelled' && within(row.ordered_at, period))
      .sort(by('ordered_at')),
    payments: [...rows.payments]
      .filter((row) => row.operator_id === me && row.kind !== 'used' && within(row.paid_at, period))
      .sort(by('paid_at')),
  }
}

/** An order's worth as the day counts it: what the customer has to pay for. */
export const orderAmount = (work: DayWork): string =>
  sum(work.orders.map((row) => known(row.payable as string | null)))
export const paymentAmount = (work: DayWork): string =>
  sum(work.payments.map((row) => known(row.amount as string | null)))

/** Null until everything has been read once. */
export function useDay(day: MaybeRefOrGetter<string>): ComputedRef<DayWork | null> {
  return usePeriod(() => ({ start: toValue(day), end: toValue(day) }))
}

/** The same for several days. */
export function usePeriod(period: MaybeRefOrGetter<Period>): ComputedRef<DayWork | null> {
  const me = useMyId()
  const visits = useRows('visit', { index: 'visitor_id', value: me })
  const customers = useTable('customer')
  const contacts = useRows('contact_record', { filter: (row) => row.clerk_id === me })
  const orders = useTable('order')
  const payments = useTable('payment')
  return computed(() => {
    if (!visits.value || !customers.value || !contacts.value || !orders.value || !payments.value) return null
    return workOf(me, toValue(period), {
      visits: visits.value,
      customers: customers.value.values(),
      contacts: contacts.value,
      orders: orders.value.values(),
      payments: payments.value.values(),
    })
  })
}
