/** When the pool takes customers back: what the company says, and what it says of each of its people. */
import { computed, type ComputedRef } from 'vue'
import { useCompany } from '../company/settings'
import { useTable } from '../tables'
import type { Recovery } from './views'

export function useRecovery(): ComputedRef<Recovery> {
  const company = useCompany()
  const people = useTable('employee')
  return computed(() => ({
    quietDays: company.value.recovery_days,
    categories: company.value.recovery_categories ?? [],
    dealDays: new Map(
      [...(people.value?.values() ?? [])].flatMap(({ id, max_follow_days }): [string, number][] => {
        const days = Number(max_follow_days ?? company.value.deal_days)
        return days > 0 ? [[id, days]] : []
      }),
    ),
  }))
}
