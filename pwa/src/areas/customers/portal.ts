import { iconCustomers, iconStage } from '@/ui/icons'
import type { Portal } from '../portal/parts'
import { useWaiting } from '../portal/waiting'
import { queryOf } from './views'

export default {
  parts: [
    {
      name: 'customers.funnel',
      icon: iconStage,
      permission: 'customer.view',
      words: ['team'],
      load: () => import('./parts/FunnelPart.vue'),
    },
  ],
  todos: [
    {
      name: 'customers.pool',
      icon: iconCustomers,
      permission: 'customer.assign',
      sizes: ['desk'],
      urgent: false,
      use: () =>
        useWaiting({
          record: 'customer',
          query: queryOf('pool', ''),
          to: { path: '/desk/customers', query: { view: 'pool' } },
        }),
    },
  ],
} satisfies Portal
