/** What arranging the start page does to the rows on this device before the server has answered. */
import { reducer } from '@/sync/reducers'
import type { Placed } from './arranging'

reducer('start_page.set', async (tx, { id, parts }: { id: string; parts?: Placed[] | null }) => {
  const [there] = await tx.where('start_page', 'employee_id', tx.op.employee)
  if (there) await tx.patch('start_page', there.id, { parts: parts ?? null })
  else {
    const made = { created_at: tx.op.at, created_by: tx.op.employee }
    await tx.put('start_page', { id, employee_id: tx.op.employee, parts: parts ?? null, ...made })
  }
})
