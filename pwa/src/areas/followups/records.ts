/** Contact records as this device holds them, and what a new one begins with. */
import { computed, shallowRef, type ComputedRef } from 'vue'
import type { Row } from '@/sync/types'
import { useRows } from '@/sync/vue'
import { chatOf } from '@/ui/chat'
import { addDays, dayOf, today } from '@/ui/format'
import { isMasked } from '@/ui/rights'
import { useMyId, useOptions, type Option } from '../company/settings'
import { useCustomers } from '../customers/directory'
import { SOON_DAYS } from '../customers/views'
import type { Customer } from '../customers/types'

export interface ContactRecord extends Row {
  customer_id: string
  contact_id?: string | null
  opportunity_id?: string | null
  phone?: string | null
  method_id?: string | null
  kind: string
  contacted_at: string
  content: string
  sales_stage_id?: string | null
  next_contact_at?: string | null
  next_person_id?: string | null
  next_goal?: string | null
  clerk_id: string
  automatic: boolean
}

/** The way of contact a record begins with: the company's default, else its first. */
export const usualMethod = (methods: readonly Option[]): string | null =>
  (methods.find((one) => one.is_default) ?? methods[0])?.id ?? null
export type Way = 'call' | 'message' | 'chat'
const NAMES = {
  call: /电话|電話|phone|call/i,
  message: /短信|簡訊|短訊|sms|text/i,
  chat: /微信|qq|旺旺|wechat|chat/i,
}
/** What the company calls it in its own list. */
export function methodOf(way: Way, methods: readonly Option[], account?: string | null): string | null {
  const names = way === 'chat' && account && chatOf(account).link ? [/qq/i, NAMES.chat] : [NAMES[way]]
  const found = names.flatMap((name) => methods.find((one) => name.test(one.name)) ?? [])[0]
  return found?.id ?? usualMethod(methods)
}

/** A number that was called or written to from the app, or the account of a chat; a masked one is not known here and is not
 * written down. */
export interface Call {
  way: Way
  customer: string
  contact: string | null
  number: string | null
  at: string
}
/** The one of which nobody has said yet what came of it. */
export const lastCall = shallowRef<Call | null>(null)
export function called(customer: string, contact: string | null, number: string, way: Way = 'call'): void {
  lastCall.value = { way, customer, contact, number: isMasked(number) ? null : number, at: new Date().toISOString() }
}

export type When = 'overdue' | 'today' | 'soon'
export interface DueContacts {
  overdue: Customer[]
  today: Customer[]
  soon: Customer[]
}

/** Today and before; the list behind the number shows these rows and no others. */
export const dueCount = ({ overdue, today: now }: DueContacts): number => overdue.length + now.length
export const DUE = { path: '/followups', query: { when: 'due' } }

/** By day: what should have been, what is for today, what comes within a week; each in the order of the appointments. */
export function dueOf(
  customers: Iterable<Customer>,
  named: ReadonlyMap<string, ReadonlySet<string>>,
  me: string,
): DueContacts {
  const found: DueContacts = { overdue: [], today: [], soon: [] }
  const [now, last] = [today(), addDays(today(), SOON_DAYS)]
  for (const row of customers) {
    const at = row.next_contact_at
    if (!at || row.enabled === false) continue
    if (row.owner_id && row.owner_id !== me && !named.get(row.id)?.has(at)) continue
    const day = dayOf(at)
    if (day < now) found.overdue.push(row)
    else if (day === now) found.today.push(row)
    else if (day <= last) found.soon.push(row)
  }
  for (const rows of Object.values(found) as Customer[][])
    rows.sort((a, b) => (String(a.next_contact_at) < String(b.next_contact_at) ? -1 : 1))
  return found
}

/** Whom I am to speak with: my customers, and those whose record names me for the next contact. */
export function useDueContacts(): ComputedRef<DueContacts | null> {
  const { rows } = useCustomers()
  const me = useMyId()
  const records = useRows<ContactRecord>('contact_record', {
    filter: (row) => row.next_person_id === me && !!row.next_contact_at,
  })
  const named = computed(() => {
    const found = new Map<string, Set<string>>()
    for (const { customer_id, next_contact_at } of records.value ?? [])
      found.set(customer_id, (found.get(customer_id) ?? new Set()).add(next_contact_at!))
    return found
  })
  return computed(() => (rows.value && records.value ? dueOf(rows.value.values(), named.value, me) : null))
}

export const useMethods = () => useOptions('contact_method')
