import type { Area } from '@/app/areas'
import { wordsOf } from '../words'

const words = wordsOf('customers', 'visits', 'orders', 'worklogs')

export default {
  name: 'today',
  routes: [
    {
      path: '/today/list/:what(visits|customers|contacts|orders|payments)',
      component: () => import('./DayList.vue'),
      props: true,
      beforeEnter: words,
      meta: { title: 'nav.today', tab: 'today' },
    },
  ],
} satisfies Area
