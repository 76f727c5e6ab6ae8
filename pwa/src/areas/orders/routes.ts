import type { Area } from '@/app/areas'
import { iconOrders } from '@/ui/icons'
import { wordsOf } from '../words'

const words = wordsOf('customers')

export default {
  name: 'orders',
  tabs: { orders: '/orders' },
  rail: [{ path: '/orders', icon: iconOrders, label: 'record.order.plural', permission: 'order.view' }],
  routes: [
    {
      path: '/orders',
      component: () => import('./phone/OrderList.vue'),
      meta: { title: 'record.order.plural', permission: 'order.view' },
    },
    {
      path: '/orders/new',
      component: () => import('./phone/OrderStart.vue'),
      beforeEnter: words,
      meta: { title: 'record.order', permission: 'order.create', tab: 'orders', hideTabs: true },
    },
    {
      path: '/orders/:id',
      component: () => import('./phone/OrderPage.vue'),
      props: true,
      meta: { title: 'record.order', permission: 'order.view', tab: 'orders', hideTabs: true },
    },
    {
      path: '/orders/:id/lines',
      component: () => import('./phone/OrderLines.vue'),
      props: true,
      meta: { title: 'record.order', permission: 'order.edit', tab: 'orders', hideTabs: true },
    },
    {
      path: '/payments/new',
      component: () => import('./phone/PaymentStart.vue'),
      beforeEnter: words,
      meta: { title: 'record.payment', permission: 'payment.create', tab: 'orders', hideTabs: true },
    },
  ],
} satisfies Area
