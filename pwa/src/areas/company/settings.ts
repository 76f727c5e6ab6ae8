/** The company's own lists and rules, as this phone holds them. */
import { computed, type ComputedRef } from 'vue'
import type { Row } from '@/sync/types'
import { useEngine } from '@/sync/vue'
import { useTable } from '../tables'

export interface Option extends Row {
  list_name: string
  name: string
  sort: number
  is_default: boolean
  enabled: boolean
}

export interface CompanySettings {
  name?: string
  time_zone: string
  visit_goal: number
  /** Metres. */
  geofence_metres: number
  credit_check: 'hold' | 'warn'
  duplicate_fields: string[]
  /** Days without follow-up until the pool takes a customer back; null: it takes none. */
  recovery_days: number | null
  /** Days without a deal, for those who have none of their own; null: the pool takes none back for that. */
  deal_days: number | null
  /** Only customers of these categories; none: of all. */
  recovery_categories: string[] | null
}

const usual: CompanySettings = {
  time_zone: 'Asia/Shanghai',
  visit_goal: 8,
  geofence_metres: 300,
  credit_check: 'hold',
  duplicate_fields: ['name', 'mobile', 'landline'],
  recovery_days: null,
  deal_days: null,
  recovery_categories: null,
}

export function useCompany(): ComputedRef<CompanySettings> {
  const companies = useTable('company')
  return computed(() => ({ ...usual, ...companies.value?.values().next().value }) as CompanySettings)
}

/** The entries of one list that may be chosen, in the company's order. */
export function useOptions(list: string): ComputedRef<Option[]> {
  const options = useTable<Option>('option')
  return computed(() =>
    [...(options.value?.values() ?? [])]
      .filter((option) => option.list_name === list && option.enabled !== false)
      .sort((a, b) => a.sort - b.sort || a.name.localeCompare(b.name)),
  )
}

/** The name of an entry, '' for none. */
export function useOptionName(): (id: unknown) => string {
  const options = useTable<Option>('option')
  return (id) => (typeof id === 'string' ? (options.value?.get(id)?.name ?? '') : '')
}

export function usePersonName(): (id: unknown) => string {
  const people = useTable('employee')
  return (id) => (typeof id === 'string' ? String(people.value?.get(id)?.real_name ?? '') : '')
}

/** The signed-in employee's id. */
export const useMyId = (): string => useEngine().me?.id ?? ''
