/** What the commands of mails do to the rows on this phone before the server has answered. */
import { reducer } from '@/sync/reducers'

interface Send {
  id: string
  customer_id: string
  to: string
}

reducer('mail.send', async (tx, { to, ...args }: Send) => {
  const there = await tx.get('mail', args.id)
  if (there && there.rev > 0) return
  await tx.put('mail', {
    ...args,
    attachments: null,
    recipients: to,
    sender_id: tx.op.employee,
    state: 'waiting',
    sent_at: null,
    created_at: tx.op.at,
    created_by: tx.op.employee,
  })
})

reducer('mail.send_again', (tx, { id }: { id: string }) =>
  tx.patch('mail', id, { state: 'waiting', error: null, said: null }),
)
