/** What needs the user: ops with an answer he has to see, and conflicts that are his to decide. */
import { computed, type ComputedRef } from 'vue'
import { useNeedsYou, useRows } from '@/sync/vue'
import { useMyId } from '../company/settings'
import { needing, type Attention } from './needing'

/** Null until the conflicts have been read. */
export function useAttention(): ComputedRef<Attention | null> {
  const me = useMyId()
  const needsYou = useNeedsYou()
  const conflicts = useRows('conflict', { filter: (row) => row.state === 'open' })
  return computed(() => (conflicts.value ? needing(needsYou.value, conflicts.value, me) : null))
}
