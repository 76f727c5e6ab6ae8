/** What the commands of rows in the company's own tables do to the rows on this phone before the server has answered. */
import { reducer } from '@/sync/reducers'

reducer('own_row.create', async (tx, { id, values = {} }: { id: string; values?: Record<string, unknown> }) => {
  const there = await tx.get('own_row', id)
  if (there && there.rev > 0) return
  const table = await tx.get('own_table', String(values.table_id))
  await tx.put('own_row', {
    created_at: tx.op.at,
    created_by: tx.op.employee,
    owner_id: table?.place === 'person' ? tx.op.employee : null,
    deleted_at: null,
    ...values,
    id,
  })
})
reducer('own_row.delete', (tx, { id }: { id: string }) =>
  tx.patch('own_row', id, { deleted_at: tx.op.at, deleted_by: tx.op.employee }),
)
reducer('own_row.restore', (tx, { id }: { id: string }) =>
  tx.patch('own_row', id, { deleted_at: null, deleted_by: null }),
)
