/** What the commands of saved views do to the rows on this device before the server has answered. */
import { reducer } from '@/sync/reducers'

interface View extends Record<string, unknown> {
  id: string
}

reducer('saved_view.save', async (tx, { id, ...said }: View) => {
  const there = await tx.get('saved_view', id)
  await tx.put('saved_view', {
    owner_id: tx.op.employee,
    created_at: tx.op.at,
    created_by: tx.op.employee,
    ...there,
    audience: 'private',
    role_id: null,
    department_id: null,
    base: null,
    q: null,
    filters: {},
    sort: null,
    columns: null,
    deleted_at: null,
    ...said,
    id,
  })
})

reducer('saved_view.delete', async (tx, { id }: View) => {
  await tx.patch('saved_view', id, { deleted_at: tx.op.at })
})

reducer('saved_view.restore', async (tx, { id }: View) => {
  await tx.patch('saved_view', id, { deleted_at: null })
})

reducer('view_choice.set', async (tx, { id, record_type, view }: View) => {
  const mine = await tx.where('view_choice', 'employee_id', tx.op.employee)
  const there = mine.find((row) => row.record_type === record_type)
  if (there) await tx.patch('view_choice', there.id, { view: view ?? null })
  else {
    const made = { created_at: tx.op.at, created_by: tx.op.employee }
    await tx.put('view_choice', { id, employee_id: tx.op.employee, record_type, view: view ?? null, ...made })
  }
})
