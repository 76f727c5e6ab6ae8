/** How many rows of a list wait, what they are worth together and since when: asked of the company, and what it said last
 * while there is no network. */
import { computed, toValue, type ComputedRef, type MaybeRefOrGetter } from 'vue'
import type { RouteLocationRaw } from 'vue-router'
import { recordPath, type ListQuery, type Summary } from '@/api/records'
import { useAnswer, type Answer } from '../team/answers'
import type { TodoLine } from './parts'

interface Asked {
  record: string
  query: ListQuery
  /** The list behind the number: it shows the rows that were counted. */
  to: MaybeRefOrGetter<RouteLocationRaw>
  /** The sum shown beside the count. */
  total?: string
  /** Since when the oldest waits. */
  since?: string
}

const old = ({ stale, at }: Answer<unknown>): number | null => (stale.value ? at.value : null)

export function useWaiting({ record, query, to, total, since }: Asked): ComputedRef<TodoLine[] | null> {
  const path = recordPath(record)
  const summary = useAnswer<Summary>(() => ({ path: `${path}/summary`, query }), [record])
  const count = computed(() => summary.data.value?.count)
  const oldest = useAnswer<{ items: Record<string, unknown>[] }>(
    () => (since && count.value?.value ? { path, query: { ...query, sort: since, limit: 1 } } : null),
    [record],
  )
  return computed(() => [
    {
      n: count.value?.value ?? null,
      capped: count.value?.capped,
      to: toValue(to),
      total: total ? (summary.data.value?.totals[total] ?? null) : null,
      since:
        since && count.value?.value ? ((oldest.data.value?.items[0]?.[since] as string | undefined) ?? null) : null,
      old: old(summary),
      error: count.value ? undefined : summary.error.value,
    },
  ])
}

/** Any other answer that a number is made of. */
export function useCounted<T>(
  answer: Answer<T>,
  count: (found: T) => number,
  to: RouteLocationRaw,
): ComputedRef<TodoLine[] | null> {
  return computed(() => {
    const found = answer.data.value
    return [
      {
        n: found === null ? null : count(found),
        to,
        old: old(answer),
        error: found === null ? answer.error.value : undefined,
      },
    ]
  })
}

/** Rows of this device. Undefined or null while they are being read. */
export const useHere = (n: () => number | null | undefined, to: RouteLocationRaw): ComputedRef<TodoLine[] | null> =>
  computed(() => {
    const found = n()
    return found === null || found === undefined ? null : [{ n: found, to }]
  })
