/** What needs the user, counted the same wherever it is told. */
import type { OutboxOp, Row } from '@/sync/types'

export interface Attention {
  ops: OutboxOp[]
  conflicts: Row[]
  count: number
}

/** `ops`: with an answer he has to see; `conflicts`: all there are on this device, `me` decides those of his own. */
export function needing(ops: readonly OutboxOp[], conflicts: readonly Row[], me: string | null): Attention {
  const own = conflicts.filter((row) => row.state === 'open' && row.mine_by === me)
  const open = new Set(own.map((row) => row.id))
  // A conflict's own card says more than the op that led to it.
  const shown = ops.filter(
    (op) => op.result?.status !== 'conflict' || !(op.result.conflicts ?? []).some((id) => open.has(id)),
  )
  return { ops: shown, conflicts: own, count: shown.length + own.length }
}
