import type { Area } from '@/app/areas'
import { wordsOf } from '../words'

const words = wordsOf('customers', 'orders', 'visits')

export default {
  name: 'sync',
  routes: [
    {
      path: '/sync',
      component: () => import('./SyncPage.vue'),
      beforeEnter: words,
      meta: { title: 'nav.sync', tab: 'me' },
    },
    {
      path: '/sync/fix/:op',
      component: () => import('./FixOp.vue'),
      props: true,
      beforeEnter: words,
      meta: { title: 'nav.sync', tab: 'me', hideTabs: true },
    },
  ],
} satisfies Area
