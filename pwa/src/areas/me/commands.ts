/** What the commands about one's own devices do to the rows on this phone before the server has answered. */
import { reducer } from '@/sync/reducers'

reducer('device.revoke', (tx, { id }: { id: string }) =>
  tx.patch('device', id, { revoked_at: tx.op.at, revoked_by: tx.op.employee }),
)
