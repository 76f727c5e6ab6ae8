/** A target by its id: of one's own from this device, of people one leads from the company. */
import { computed, toValue, type ComputedRef, type MaybeRefOrGetter } from 'vue'
import { useRow } from '@/sync/vue'
import { useAnswer, type Answer } from '../team/answers'
import type { Target } from './goals'

export function useTarget(id: MaybeRefOrGetter<string>): {
  target: ComputedRef<Target | null>
  answer: Answer<Target>
} {
  const here = useRow<Target>('target', id)
  const answer = useAnswer<Target>(
    () => (here.value ? null : { path: `/api/targets/${toValue(id)}` }),
    ['target', 'approval'],
  )
  const there = computed(() => (answer.data.value ? { ...answer.data.value, rev: answer.data.value.rev ?? 1 } : null))
  return { target: computed(() => here.value ?? there.value), answer }
}
