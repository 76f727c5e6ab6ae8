import type { Area } from '@/app/areas'
import { iconToday } from '@/ui/icons'
import { wordsOf } from '../words'

const words = wordsOf('customers', 'visits', 'orders', 'worklogs')

export default {
  name: 'today',
  tabs: { today: '/today' },
  rail: [{ path: '/today', icon: iconToday, label: 'nav.today' }],
  routes: [
    {
      path: '/today',
      component: () => import('./TodayPage.vue'),
      beforeEnter: words,
      meta: { title: 'nav.today' },
    },
    {
      path: '/today/list/:what(visits|customers|contacts|orders|payments)',
      component: () => import('./DayList.vue'),
      props: true,
      beforeEnter: words,
      meta: { title: 'nav.today', tab: 'today' },
    },
  ],
} satisfies Area
