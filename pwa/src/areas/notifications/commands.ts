/** What the commands of notifications do to the rows on this phone before the server has answered. */
import { reducer } from '@/sync/reducers'

reducer('notification.read', async (tx, { ids }: { ids: string[] }) => {
  for (const id of ids) {
    const row = await tx.get('notification', id)
    if (row && !row.read_at) await tx.patch('notification', id, { read_at: tx.op.at })
  }
})

reducer('notification.choose', async (tx, { id, kind, push }: { id: string; kind: string; push: boolean }) => {
  const mine = await tx.where('notification_choice', 'employee_id', tx.op.employee)
  const there = mine.find((row) => row.kind === kind)
  if (there) await tx.patch('notification_choice', there.id, { push })
  else {
    await tx.put('notification_choice', {
      id,
      employee_id: tx.op.employee,
      kind,
      push,
      created_at: tx.op.at,
      created_by: tx.op.employee,
    })
  }
})
