/** What the decision of a conflict does to the rows on this phone before the server has answered. */
import { reducer } from '@/sync/reducers'

interface Resolve {
  id: string
  resolution: 'theirs' | 'mine' | 'other'
  value?: unknown
}

reducer('conflict.resolve', async (tx, { id, resolution, value }: Resolve) => {
  const conflict = await tx.get('conflict', id)
  if (!conflict || tx.contains(conflict)) return
  const chosen = resolution === 'theirs' ? conflict.theirs : resolution === 'mine' ? conflict.mine : value
  await tx.patch('conflict', id, {
    state: 'resolved',
    resolution,
    resolved_value: chosen ?? null,
    resolved_by: tx.op.employee,
    resolved_at: tx.op.at,
  })
  const type = String(conflict.record_type)
  const row = await tx.get(type, String(conflict.record_id)).catch(() => undefined)
  if (row && resolution !== 'theirs') await tx.patch(type, row.id, { [String(conflict.field)]: chosen ?? null })
})
