/** Which decisions an order in this state allows, and the command each is. */
import type { OrderRow } from './types'

export type Decision = 'approve' | 'to_cash' | 'refuse' | 'cancel'

/** Held orders are released, the others approved or refused; what is approved already can only be cancelled. */
export function decisionsFor(order: Pick<OrderRow, 'state' | 'hold_reason' | 'settlement_mode'>): Decision[] {
  if (order.state === 'picking') return ['cancel']
  if (order.state !== 'pending') return []
  if (order.hold_reason === null) return ['approve', 'refuse']
  return order.settlement_mode === 'cash' ? ['approve', 'refuse'] : ['approve', 'to_cash', 'refuse']
}

export const asksWhy = (decision: Decision): boolean => decision === 'refuse' || decision === 'cancel'

export function commandOf(
  order: Pick<OrderRow, 'id' | 'hold_reason'>,
  decision: Decision,
  note: string,
): { name: string; args: Record<string, unknown> & { id: string } } {
  const { id } = order
  if (decision === 'cancel') return { name: 'order.cancel', args: { id, reason: note || null } }
  if (order.hold_reason === null)
    return decision === 'refuse'
      ? { name: 'order.refuse', args: { id, reason: note } }
      : { name: 'order.approve', args: { id } }
  return { name: 'order.release', args: { id, decision, ...(note ? { note } : {}) } }
}
