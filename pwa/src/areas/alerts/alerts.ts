/** Business alerts in words, and where they come from: this device for one's own, the company for who looks after others. */
import { computed, type ComputedRef } from 'vue'
import { i18n } from '@/app/i18n'
import { useSession } from '@/app/session'
import type { Row } from '@/sync/types'
import { useRows } from '@/sync/vue'
import { dayOf, shortDate, today } from '@/ui/format'
import { useCustomers } from '../customers/directory'
import { useTable } from '../tables'
import { useAnswer } from '../team/answers'

export interface Alert extends Row {
  customer_id: string
  rule_id: string
  kind: string
  last_at?: string | null
  percent?: number | null
  since: string
  state: 'standing' | 'aside'
  aside_until?: string | null
  aside_note?: string | null
}
export interface ShownAlert {
  row: Alert
  customer: string
  rule: string
  /** Its customer, from the company where this device does not hold it. */
  to: string
}

const DAY = 86_400_000
const daysSince = (moment: string): number =>
  Math.round((Date.parse(`${today()}T00:00:00Z`) - Date.parse(`${dayOf(moment)}T00:00:00Z`)) / DAY)

/** What is the matter, as of today. */
export function sayAlert(row: Pick<Alert, 'kind' | 'last_at' | 'percent'>): string {
  const { t } = i18n.global
  const { kind, last_at: last, percent } = row
  if (!last && percent == null) return t(`alerts.never.${kind}`)
  return t(`alerts.said.${kind}`, {
    n: last ? daysSince(last) : 0,
    date: last ? shortDate(last) : '',
    percent: percent ?? 0,
  })
}

/** Worst first within a rule: the longest silence, the largest share. */
const worse = (a: Alert, b: Alert): number =>
  (b.percent ?? 0) - (a.percent ?? 0) || ((a.last_at ?? '') < (b.last_at ?? '') ? -1 : 1)

/** Those of a state; null while they are being read. */
export function useAlerts(): {
  all: ComputedRef<ShownAlert[] | null>
  error: ComputedRef<unknown>
  old: ComputedRef<number | null>
  rules: ComputedRef<number>
} {
  const leads = useSession().leads
  const here = useRows<Alert>('alert')
  const rules = useTable<Row & { name?: string }>('alert_rule')
  const { nameOf, rows: held } = useCustomers()
  const asked = useAnswer<{ items: Alert[]; refs: Record<string, Record<string, string>> }>(
    () => (leads ? { path: '/api/alerts', query: { limit: 200, sort: '-since' }, pages: 5 } : null),
    ['alert', 'alert_rule'],
  )
  const all = computed(() => {
    const rows = leads ? asked.data.value?.items : here.value
    if (!rows) return null
    const names = asked.data.value?.refs.customer ?? {}
    return [...rows].sort(worse).map((row) => ({
      row,
      customer: names[row.customer_id] ?? nameOf(row.customer_id),
      rule: rules.value?.get(row.rule_id)?.name ?? '',
      to: `${held.value && !held.value.has(row.customer_id) ? '/desk' : ''}/customers/${row.customer_id}`,
    }))
  })
  return {
    all,
    error: computed(() => (all.value === null ? asked.error.value : null)),
    old: computed(() => (asked.stale.value ? asked.at.value : null)),
    rules: computed(() => rules.value?.size ?? 0),
  }
}
