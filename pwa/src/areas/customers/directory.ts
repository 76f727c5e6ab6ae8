/** All customers of this phone, searchable while one types. One index, shared by every screen. */
import { computed, effectScope, shallowRef, triggerRef, watch, type ShallowRef } from 'vue'
import type { Row } from '@/sync/types'
import { isZero } from '@/ui/decimal'
import { addDays, dayOf, today } from '@/ui/format'
import { ownFieldsOf } from '@/ui/own'
import { useTable } from '../tables'
import { CustomerIndex } from './search'
import type { Customer } from './types'

export interface Directory {
  /** undefined while they are being read for the first time. */
  rows: Readonly<ShallowRef<ReadonlyMap<string, Customer> | undefined>>
  /** Replaced (in the sense of Vue) whenever something in it differs. */
  index: Readonly<ShallowRef<CustomerIndex<Customer>>>
  nameOf: (id: unknown) => string
}

let made: Directory | null = null

export function useCustomers(): Directory {
  return (made ??= effectScope(true).run(make)!)
}

/** Initials of names the server has not seen yet. The dictionary (300 kB) comes only when there is such a name. */
const initials = shallowRef<((name: string) => string) | null>(null)
let asked = false
function loadInitials(): void {
  if (asked) return
  asked = true
  import('./pinyin').then(
    (module) => (initials.value = module.initials),
    () => (asked = false),
  )
}

function make(): Directory {
  const rows = useTable<Customer>('customer')
  const contacts = useTable<Row>('contact')
  const index = shallowRef(new CustomerIndex<Customer>())
  const own = computed(() => ownFieldsOf('customer').flatMap(({ name, search }) => (search ? [name] : [])))
  watch(
    [rows, contacts, initials, own],
    () => {
      if (!rows.value) return
      const shown = [...rows.value.values()].filter((row) => row.enabled !== false).sort(byName)
      if (shown.some((row) => !row.pinyin_code)) loadInitials()
      index.value.update(shown, contacts.value?.values(), initials.value ?? undefined, own.value)
      triggerRef(index)
    },
    { immediate: true },
  )
  return {
    rows,
    index,
    nameOf: (id) => (typeof id === 'string' ? (rows.value?.get(id)?.name ?? '') : ''),
  }
}

/** By initials: fast, and in the order people expect; those the server has not seen yet come first. */
function byName(a: Customer, b: Customer): number {
  const left = a.pinyin_code ?? ''
  const right = b.pinyin_code ?? ''
  return left < right ? -1 : left > right ? 1 : 0
}

/** Whether an amount is above zero. */
export const owes = (amount: unknown): amount is string =>
  typeof amount === 'string' && !amount.startsWith('-') && !isZero(amount)

/** Customers nobody has talked to for this many days. */
export const QUIET_DAYS = 7

export function quietFor(days: number): (row: Customer) => boolean {
  const limit = addDays(today(), -days)
  return (row) => {
    const last = row.last_contact_at ?? row.last_visit_at ?? row.created_at
    return !last || dayOf(last) <= limit
  }
}
