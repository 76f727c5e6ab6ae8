import type { Area } from '@/app/areas'

export default {
  name: 'search',
  routes: [
    {
      path: '/search',
      component: () => import('./SearchPage.vue'),
      meta: { title: 'nav.search', tab: 'customers', hideTabs: true },
    },
  ],
} satisfies Area
