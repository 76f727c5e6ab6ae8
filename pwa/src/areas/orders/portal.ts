import { iconApprove, iconHeld, iconMoney, iconOrders, iconShip } from '@/ui/icons'
import type { Portal, Todo } from '../portal/parts'
import { useWaiting } from '../portal/waiting'

const DESK = ['desk'] as const
const inState = (state: string) => ({ path: '/desk/orders', query: { tab: state } })
const orders = (
  name: string,
  icon: string,
  permission: string,
  query: Record<string, string>,
  to: { path: string; query?: Record<string, string> },
  since: string,
  urgent = true,
): Todo => ({
  name: `orders.${name}`,
  icon,
  permission,
  sizes: DESK,
  urgent,
  use: () => useWaiting({ record: 'order', query, to, total: 'payable', since }),
})

export default {
  todos: [
    {
      // Away from the desk they are decided one after the other, held ones among them.
      name: 'orders.to_approve',
      icon: iconApprove,
      permission: 'order.approve',
      sizes: ['phone', 'tablet'],
      urgent: true,
      use: () => useWaiting({ record: 'order', query: { state: 'pending' }, to: '/review/orders' }),
    },
    orders(
      'held',
      iconHeld,
      'order.approve',
      { state: 'pending', hold_reason__empty: '0' },
      { path: '/desk/held-orders' },
      'ordered_at',
    ),
    orders(
      'pending',
      iconOrders,
      'order.approve',
      { state: 'pending', hold_reason__empty: '1' },
      inState('pending'),
      'ordered_at',
    ),
    orders('picking', iconShip, 'order.ship', { state: 'picking' }, inState('picking'), 'approved_at'),
    {
      name: 'orders.unbooked',
      icon: iconMoney,
      permission: 'payment.book',
      sizes: DESK,
      urgent: true,
      use: () =>
        useWaiting({
          record: 'payment',
          query: { booked_at__empty: '1' },
          to: { path: '/desk/payments', query: { tab: 'unbooked' } },
          total: 'amount',
          since: 'paid_at',
        }),
    },
    orders('shipped', iconOrders, 'order.complete', { state: 'shipped' }, inState('shipped'), 'shipped_at', false),
  ],
} satisfies Portal
