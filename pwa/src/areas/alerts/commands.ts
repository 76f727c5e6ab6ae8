/** What the commands of alerts do to the rows on this phone before the server has answered. */
import { reducer } from '@/sync/reducers'
import { addDays, today } from '@/ui/format'

reducer('alert.put_aside', (tx, { id, days, note }: { id: string; days: number; note: string }) =>
  tx.patch('alert', id, {
    state: 'aside',
    aside_until: addDays(today(), days),
    aside_note: note,
    aside_by: tx.op.employee,
  }),
)

reducer('alert.take_up', (tx, { id }: { id: string }) =>
  tx.patch('alert', id, { state: 'standing', aside_until: null, aside_note: null, aside_by: null }),
)
