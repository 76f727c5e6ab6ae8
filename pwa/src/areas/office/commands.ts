/** What the commands of notices and schedules do to the rows on this device before the server has answered. */
import { reducer } from '@/sync/reducers'

interface Made {
  id: string
  values: Record<string, unknown>
}
interface One {
  id: string
}

reducer('notice.create', async (tx, { id, values }: Made) => {
  const there = await tx.get('notice', id)
  if (there && there.rev > 0) return
  await tx.put('notice', {
    category_id: null,
    audience: 'everybody',
    department_ids: null,
    role_ids: null,
    pinned: false,
    until: null,
    published_at: null,
    deleted_at: null,
    ...values,
    id,
    state: 'draft',
    publisher_id: tx.op.employee,
    created_at: tx.op.at,
    created_by: tx.op.employee,
  })
})

reducer('notice.publish', async (tx, { id }: One) => {
  const notice = await tx.get('notice', id)
  if (!notice || notice.state === 'published') return
  await tx.patch('notice', id, { state: 'published', published_at: tx.op.at, publisher_id: tx.op.employee })
})

reducer('notice.withdraw', (tx, { id }: One) => tx.patch('notice', id, { state: 'withdrawn' }))
reducer('notice.delete', (tx, { id }: One) => tx.patch('notice', id, { deleted_at: tx.op.at }))
reducer('notice.restore', (tx, { id }: One) => tx.patch('notice', id, { deleted_at: null }))

/** Read is read: what one was told of it is, too. */
reducer('notice.read', async (tx, { id, notice_id }: One & { notice_id: string }) => {
  for (const told of await tx.where('notification', 'employee_id', tx.op.employee))
    if (told.record_type === 'notice' && told.record_id === notice_id && !told.read_at)
      await tx.patch('notification', told.id, { read_at: tx.op.at })
  const lines = await tx.where('notice_reader', 'notice_id', notice_id)
  if (lines.some((line) => line.reader_id === tx.op.employee)) return
  await tx.put('notice_reader', {
    id,
    notice_id,
    reader_id: tx.op.employee,
    read_at: tx.op.at,
    created_at: tx.op.at,
    created_by: tx.op.employee,
  })
})

reducer('schedule_entry.create', async (tx, { id, values }: Made) => {
  const there = await tx.get('schedule_entry', id)
  if (there && there.rev > 0) return
  await tx.put('schedule_entry', {
    all_day: false,
    place: null,
    customer_id: null,
    note: null,
    remind_before: null,
    ...values,
    id,
    person_id: tx.op.employee,
    created_at: tx.op.at,
    created_by: tx.op.employee,
  })
})
