import type { Area } from '@/app/areas'
import { wordsOf } from '../words'
import { iconTable } from './icons'
import { hasTables } from './table'

const words = wordsOf('customers')
const meta = { title: 'nav.tables', permission: 'own_row.view', tab: 'me' } as const

export default {
  name: 'own',
  rail: [
    {
      path: '/tables',
      icon: iconTable,
      label: 'nav.tables',
      permission: 'own_row.view',
      while: hasTables,
    },
  ],
  routes: [
    { path: '/tables', component: () => import('./phone/TableList.vue'), meta },
    {
      path: '/tables/:table',
      component: () => import('./phone/TablePage.vue'),
      props: ({ params }) => ({ table: String(params.table) }),
      meta,
    },
    {
      path: '/tables/:table/new',
      component: () => import('./phone/RowPage.vue'),
      props: ({ params, query }) => ({
        table: String(params.table),
        customer: typeof query.customer === 'string' ? query.customer : undefined,
      }),
      beforeEnter: words,
      meta: { ...meta, permission: 'own_row.create', hideTabs: true },
    },
    {
      path: '/tables/:table/:id',
      component: () => import('./phone/RowPage.vue'),
      props: ({ params }) => ({ table: String(params.table), id: String(params.id) }),
      beforeEnter: words,
      meta: { ...meta, hideTabs: true },
    },
  ],
} satisfies Area
