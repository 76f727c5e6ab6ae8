/** Complaints as this device holds them, and as the company tells where it does not. */
import { computed, type ComputedRef } from 'vue'
import { useSession } from '@/app/session'
import type { Row } from '@/sync/types'
import { useRow, useRows } from '@/sync/vue'
import { useMyId } from '../company/settings'
import { useCustomers } from '../customers/directory'
import { useAnswer } from '../team/answers'

export interface Complaint extends Row {
  customer_id: string
  kind_id: string
  content: string
  urgency: string
  handler_id?: string | null
  author_id?: string | null
  state: 'open' | 'working' | 'answered' | 'closed'
  reported_at?: string | null
  due_at?: string | null
  late?: boolean
  answer?: string | null
  answered_at?: string | null
  satisfaction?: string | null
  close_note?: string | null
  reopened?: number
  reopen_reason?: string | null
}
type Refs = Record<string, Record<string, string>>

export const isWaiting = (row: Pick<Complaint, 'state'>): boolean => row.state === 'open' || row.state === 'working'
/** By now, also where the company has not noticed yet. */
export const isLate = (row: Complaint, now = new Date()): boolean =>
  isWaiting(row) && !!row.due_at && row.due_at <= now.toISOString()

/** What is to be answered first: what is due first, what nobody has a time for yet last. */
export const sooner = (a: Complaint, b: Complaint): number =>
  (a.due_at ?? '9').localeCompare(b.due_at ?? '9') || a.id.localeCompare(b.id)

/** What somebody may do with one. Whoever sees it through a customer that is only shared with him reads it. */
export function useMay(row: () => Complaint | null | undefined) {
  const session = useSession()
  const me = useMyId()
  const { rows: customers } = useCustomers()
  const wide = () => (session.scope('complaint.edit') ?? 'own') !== 'own'
  const may = computed(() => {
    const one = row()
    if (!one || !session.can('complaint.edit')) return false
    const owner = customers.value?.get(one.customer_id)?.owner_id
    return wide() || one.handler_id === me || one.author_id === me || owner === me
  })
  return { may, answers: computed(() => may.value && (wide() || row()?.handler_id === me)) }
}

/** One by its id; `row` null where nobody here may know it. */
export function useComplaint(id: () => string | null) {
  const here = useRow<Complaint>('complaint', id)
  const asked = useAnswer<Complaint & { refs?: Refs }>(
    () => (id() && here.value === null ? { path: `/api/complaints/${id()}` } : null),
    ['complaint'],
  )
  const row = computed<Complaint | null | undefined>(() => {
    if (here.value !== null) return here.value
    return asked.data.value ?? (asked.error.value ? null : undefined)
  })
  return { row, refs: computed<Refs>(() => asked.data.value?.refs ?? {}) }
}

/** What is not over yet: of this device, and (whoever leads others, or sees more than he holds) of the company. */
export function useComplaints(): {
  all: ComputedRef<Complaint[] | null>
  customerOf: (row: Complaint) => string
  error: ComputedRef<unknown>
  old: ComputedRef<number | null>
} {
  const here = useRows<Complaint>('complaint')
  const { nameOf, rows: held } = useCustomers()
  const asked = useAnswer<{ items: Complaint[]; refs: Refs }>(
    () => ({ path: '/api/complaints', query: { state__in: 'open,working,answered', limit: 200, sort: 'due_at' } }),
    ['complaint'],
  )
  const all = computed(() => {
    if (here.value === undefined) return null
    const rows = new Map((asked.data.value?.items ?? []).map((row) => [row.id, row]))
    for (const row of here.value) rows.set(row.id, row)
    return [...rows.values()].filter((row) => row.state !== 'closed').sort(sooner)
  })
  return {
    all,
    customerOf: (row) =>
      held.value?.has(row.customer_id)
        ? nameOf(row.customer_id)
        : (asked.data.value?.refs.customer?.[row.customer_id] ?? ''),
    error: computed(() => (all.value?.length === 0 && asked.data.value === null ? asked.error.value : null)),
    old: computed(() => (asked.stale.value ? asked.at.value : null)),
  }
}
