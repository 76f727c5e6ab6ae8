/** Figures: the same on phone, tablet and desk. */
import type { Area, RailEntry } from '@/app/areas'
import { iconChart } from '@/ui/icons'
import { wordsOf } from '../words'

export const rail: RailEntry[] = [{ path: '/reports', icon: iconChart, label: 'nav.figures' }]

export default {
  name: 'reports',
  rail,
  routes: [
    { path: '/reports', component: () => import('./ReportList.vue'), meta: { title: 'nav.figures', tab: 'me' } },
    {
      path: '/reports/:name',
      component: () => import('./ReportPage.vue'),
      props: true,
      beforeEnter: wordsOf('team', 'visits', 'desk'),
      meta: { title: 'nav.figures', tab: 'me' },
    },
    {
      path: '/reports/:name/rows',
      component: () => import('./ReportRows.vue'),
      props: true,
      beforeEnter: wordsOf('team', 'visits', 'desk'),
      meta: { title: 'nav.figures', tab: 'me', asks: ['record', 'of'] },
    },
    {
      path: '/reports/:name/edit',
      component: () => import('./ReportEdit.vue'),
      props: true,
      meta: { title: 'nav.figures', permission: 'saved_report.create' },
    },
  ],
} satisfies Area
