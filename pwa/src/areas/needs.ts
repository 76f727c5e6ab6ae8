/** Ops that a new op stands on: those that made rows the company has not seen yet. Edits of known rows do not count. */
import type { Row } from '@/sync/types'

export function needsOf(...rows: (Row | null | undefined)[]): string[] {
  return [...new Set(rows.flatMap((row) => (row && row.rev === 0 && row._op?.[0] ? [row._op[0]] : [])))]
}
