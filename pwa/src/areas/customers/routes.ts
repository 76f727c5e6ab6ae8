import type { Area } from '@/app/areas'
import { iconCustomers } from '@/ui/icons'
import { wordsOf } from '../words'

export default {
  name: 'customers',
  tabs: { customers: '/customers' },
  rail: [{ path: '/customers', icon: iconCustomers, label: 'record.customer.plural', permission: 'customer.view' }],
  routes: [
    {
      path: '/customers',
      component: () => import('./phone/CustomerList.vue'),
      meta: { title: 'record.customer.plural', permission: 'customer.view' },
    },
    {
      path: '/customers/new',
      component: () => import('./phone/CustomerForm.vue'),
      meta: { title: 'record.customer', permission: 'customer.create', tab: 'customers', hideTabs: true },
    },
    ...(['team', 'pool', 'chain'] as const).map((of) => ({
      path: `/customers/${of}`,
      component: () => import('./phone/AtCompany.vue'),
      props: { of },
      meta: { title: `customers.${of}.title`, permission: 'customer.view', tab: 'customers' as const },
    })),
    {
      path: '/customers/map',
      component: () => import('./phone/CustomerMap.vue'),
      beforeEnter: wordsOf('team', 'visits'),
      meta: { title: 'customers.on_map.title', permission: 'customer.view', tab: 'customers' },
    },
    {
      path: '/customers/:id',
      component: () => import('./phone/CustomerPage.vue'),
      props: true,
      beforeEnter: wordsOf('visits', 'orders', 'approvals', 'attachments', 'followups', 'mails', 'team', 'desk'),
      meta: { title: 'record.customer', permission: 'customer.view', tab: 'customers' },
    },
    {
      path: '/customers/:id/edit',
      component: () => import('./phone/CustomerForm.vue'),
      props: true,
      meta: { title: 'record.customer', permission: 'customer.edit', tab: 'customers', hideTabs: true },
    },
    ...(['contact', 'terminal', 'customer_department'] as const).map((record) => ({
      path: `/customers/:customer/${record}s/:id`,
      component: () => import('./phone/PartForm.vue'),
      props: ({ params }: { params: Record<string, unknown> }) => ({
        record,
        customer: String(params.customer),
        id: params.id === 'new' ? undefined : String(params.id),
      }),
      meta: { title: `record.${record}`, permission: 'customer.edit', tab: 'customers' as const, hideTabs: true },
    })),
  ],
} satisfies Area
