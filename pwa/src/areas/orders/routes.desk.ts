import type { DeskArea } from '@/app/areas'
import { iconHeld, iconMoney, iconOrders } from '@/ui/icons'
import { deskEntry, deskRoutes } from '@/ui/record/paths'

const desk: DeskArea = {
  name: 'orders',
  routes: [
    {
      path: '/desk/orders/new',
      component: () => import('./desk/OrderEntry.vue'),
      meta: { area: 'desk', title: 'record.order', permission: 'order.create', twin: '/orders/new' },
    },
    {
      path: '/desk/orders/:id/lines',
      component: () => import('./desk/OrderEntry.vue'),
      props: true,
      meta: { area: 'desk', title: 'record.order', permission: 'order.edit', twin: '/orders/:id/lines' },
    },
    deskRoutes('order', {
      create: null,
      list: () => import('./desk/OrderList.vue'),
      panel: () => import('./desk/OrderPanel.vue'),
      phone: '/orders/:id',
      phoneList: '/orders',
    }),
    deskRoutes('payment', {
      list: () => import('./desk/PaymentList.vue'),
      panel: () => import('./desk/PaymentPanel.vue'),
    }),
    {
      path: '/desk/held-orders',
      component: () => import('./desk/HeldOrders.vue'),
      meta: { area: 'desk', title: 'desk.orders.hold.title', permission: 'order.approve' },
      children: [
        {
          path: ':id',
          component: () => import('./desk/OrderPanel.vue'),
          props: (route) => ({ record: 'order', id: String(route.params.id) }),
          meta: { area: 'desk', title: 'record.order', panel: true, permission: 'order.view' },
        },
      ],
    },
  ],
  rail: [
    deskEntry('order', iconOrders),
    deskEntry('payment', iconMoney),
    {
      path: '/desk/held-orders',
      icon: iconHeld,
      label: 'nav.held_orders',
      permission: 'order.approve',
      deskOnly: true,
      group: 'decide',
    },
  ],
}
export default desk
