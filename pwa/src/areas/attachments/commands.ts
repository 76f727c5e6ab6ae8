/** What the commands of attachments do to the rows on this phone before the server has answered. */
import { reducer } from '@/sync/reducers'
import { kindOf } from '@/ui/fileNames'

interface Add {
  id: string
  name: string
  [field: string]: unknown
}

reducer('attachment.add', async (tx, { id, name, ...args }: Add) => {
  const there = await tx.get('attachment', id)
  if (there && there.rev > 0) return
  const { employee, at } = tx.op
  await tx.put('attachment', {
    ...args,
    id,
    name,
    kind: kindOf(name) ?? 'txt',
    state: 'waiting',
    created_at: at,
    created_by: employee,
  })
})

reducer('attachment.delete', (tx, { id }: { id: string }) =>
  tx.patch('attachment', id, { deleted_at: tx.op.at, deleted_by: tx.op.employee }),
)
reducer('attachment.restore', (tx, { id }: { id: string }) =>
  tx.patch('attachment', id, { deleted_at: null, deleted_by: null }),
)
