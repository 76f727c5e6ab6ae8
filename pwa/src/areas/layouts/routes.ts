import type { Area } from '@/app/areas'
import { wordsOf } from '../words'

export default {
  name: 'layouts',
  routes: [
    {
      path: '/print/:record/:id',
      component: () => import('./print/PrintPage.vue'),
      props: true,
      beforeEnter: wordsOf('orders'),
      meta: { bare: true, title: 'layouts.purpose.print' },
    },
  ],
} satisfies Area
