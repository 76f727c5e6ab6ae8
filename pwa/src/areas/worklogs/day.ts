/** What one person did on one business day, from the rows on this phone; the server counts the same again. */
import { computed, type ComputedRef, type MaybeRefOrGetter, toValue } from 'vue'
import type { Row } from '@/sync/types'
import { useRows } from '@/sync/vue'
import { known, sum } from '@/ui/decimal'
import { dayOf } from '@/ui/format'
import { useMyId } from '../company/settings'
import { useTable } from '../tables'

export interface DayWork {
  visits: Row[]
  customers: Row[]
  orders: Row[]
  payments: Row[]
}

const onDay = (moment: unknown, day: string): boolean => typeof moment === 'string' && dayOf(moment) === day

export function workOf(
  me: string,
  day: string,
  rows: { visits: Iterable<Row>; customers: Iterable<Row>; orders: Iterable<Row>; payments: Iterable<Row> },
): DayWork {
  const by = (field: string) => (a: Row, b: Row) => (String(a[field]) < String(b[field]) ? -1 : 1)
  return {
    visits: [...rows.visits]
      .filter((row) => row.visitor_id === me && onDay(row.checked_in_at, day))
      .sort(by('checked_in_at')),
    customers: [...rows.customers]
      .filter((row) => row.created_by === me && onDay(row.filed_at, day))
      .sort(by('filed_at')),
    orders: [...rows.orders]
      .filter((row) => row.clerk_id === me && row.state !== 'cancelled' && onDay(row.ordered_at, day))
      .sort(by('ordered_at')),
    payments: [...rows.payments]
      .filter((row) => row.operator_id === me && onDay(row.paid_at, day))
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
  const me = useMyId()
  const visits = useRows('visit', { index: 'visitor_id', value: me })
  const customers = useTable('customer')
  const orders = useTable('order')
  const payments = useTable('payment')
  return computed(() => {
    if (!visits.value || !customers.value || !orders.value || !payments.value) return null
    return workOf(me, toValue(day), {
      visits: visits.value,
      customers: customers.value.values(),
      orders: orders.value.values(),
      payments: payments.value.values(),
    })
  })
}
