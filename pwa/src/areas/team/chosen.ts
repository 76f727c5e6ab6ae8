/** Which day and department the team's screens speak of. They stand in the address, so that back finds them again. */
import { computed, type ComputedRef, type WritableComputedRef } from 'vue'
import { useRoute, useRouter } from 'vue-router'
import { today } from '@/ui/format'
import { useAnswer, type Answer } from './answers'
import type { TeamDay } from './types'

const text = (value: unknown): string => (typeof value === 'string' ? value : '')
const isDay = (value: string) => /^\d{4}-\d{2}-\d{2}$/.test(value)

export interface Chosen {
  /** yyyy-mm-dd in the company's zone. */
  day: WritableComputedRef<string>
  /** '' for everybody one may see. */
  department: WritableComputedRef<string>
  /** Any other word of the address, '' when it is not there. */
  param(name: string): string
  /** Puts a word into the address without a step in the history; '' takes it out. */
  put(name: string, value: string): void
  /** Several at once: one after the other would each forget the one before. */
  putAll(words: Record<string, string>): void
  /** What another screen needs in its address to speak of the same. */
  query: ComputedRef<Record<string, string>>
}

export function useChosen(): Chosen {
  const route = useRoute()
  const router = useRouter()
  // A screen kept alive behind another must not follow that one's address.
  const own = route.path
  let last = { ...route.query }
  const query = computed(() => (route.path === own ? (last = { ...route.query }) : last))
  const putAll = (words: Record<string, string>): void => {
    const changes = Object.entries(words).map(([name, value]) => [name, value || undefined])
    void router.replace({ query: { ...route.query, ...Object.fromEntries(changes) } })
  }
  const put = (name: string, value: string): void => putAll({ [name]: value })
  const day = computed({
    get: () => (isDay(text(query.value.day)) ? text(query.value.day) : today()),
    set: (value) => put('day', value === today() ? '' : value),
  })
  const department = computed({
    get: () => text(query.value.department),
    set: (value) => put('department', value),
  })
  return {
    day,
    department,
    param: (name) => text(query.value[name]),
    put,
    putAll,
    query: computed(() => ({
      day: day.value,
      ...(department.value ? { department: department.value } : {}),
    })),
  }
}

export function useTeamDay(day: () => string, department: () => string): Answer<TeamDay> {
  return useAnswer<TeamDay>(
    () => ({ path: '/api/team/today', query: { day: day(), department_id: department() } }),
    ['photo', 'order', 'report', 'report_comment'],
  )
}
