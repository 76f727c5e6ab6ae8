/** The start page, the same on phone, tablet and desk, and where one arranges it. */
import type { Area } from '@/app/areas'
import { iconToday } from '@/ui/icons'
import { wordsOf } from '../words'

export const start = {
  component: () => import('./StartPage.vue'),
  beforeEnter: wordsOf('today'),
}

export default {
  name: 'portal',
  tabs: { today: '/today' },
  rail: [{ path: '/today', icon: iconToday, label: 'nav.today' }],
  routes: [
    { path: '/today', ...start, meta: { title: 'nav.today' } },
    {
      path: '/today/arrange',
      component: () => import('./ArrangePage.vue'),
      meta: { title: 'portal.arrange', tab: 'today', hideTabs: true },
    },
    {
      path: '/today/rows',
      component: () => import('./RowsPage.vue'),
      beforeEnter: wordsOf('reports', 'team', 'visits', 'desk'),
      meta: { title: 'nav.today', tab: 'today', asks: ['record', 'of'] },
    },
  ],
} satisfies Area
