import type { DeskArea } from '@/app/areas'
import { iconCustomers } from '@/ui/icons'
import { deskEntry, deskRoutes } from '@/ui/record/paths'
import { wordsOf } from '../words'

const desk: DeskArea = {
  name: 'customers',
  routes: [
    deskRoutes('customer', {
      list: () => import('./desk/CustomerList.vue'),
      panel: () => import('./desk/CustomerPanel.vue'),
      create: () => import('./desk/CustomerCreate.vue'),
      phone: '/customers/:id',
      phoneList: '/customers',
    }),
    {
      path: '/desk/customer-map',
      component: () => import('./desk/CustomerMap.vue'),
      beforeEnter: wordsOf('team'),
      meta: { area: 'desk', permission: 'customer.view', title: 'customers.on_map.title', twin: '/customers/map' },
    },
    deskRoutes('customer_share', { list: () => import('./desk/ShareList.vue') }),
  ],
  rail: [deskEntry('customer', iconCustomers)],
}
export default desk
