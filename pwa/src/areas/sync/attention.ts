/** What needs the user: ops with an answer he has to see, and conflicts that are his to decide. */
import { computed, type ComputedRef } from 'vue'
import type { OutboxOp, Row } from '@/sync/types'
import { useNeedsYou, useRows } from '@/sync/vue'
import { useMyId } from '../company/settings'

export interface Attention {
  ops: OutboxOp[]
  conflicts: Row[]
  count: number
}

/** Null until the conflicts have been read. */
export function useAttention(): ComputedRef<Attention | null> {
  const me = useMyId()
  const needsYou = useNeedsYou()
  const conflicts = useRows('conflict', { filter: (row) => row.state === 'open' && row.mine_by === me })
  return computed(() => {
    if (!conflicts.value) return null
    const open = new Set(conflicts.value.map((row) => row.id))
    // A conflict's own card says more than the op that led to it.
    const ops = needsYou.value.filter(
      (op) => op.result?.status !== 'conflict' || !(op.result.conflicts ?? []).some((id) => open.has(id)),
    )
    return { ops, conflicts: conflicts.value, count: ops.length + conflicts.value.length }
  })
}
