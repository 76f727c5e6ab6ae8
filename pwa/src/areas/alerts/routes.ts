import type { Area } from '@/app/areas'
import { iconWarning } from '@/ui/icons'

export default {
  name: 'alerts',
  rail: [
    { path: '/alerts', icon: iconWarning, label: 'record.alert.plural', permission: 'alert.view', deskOnly: true },
  ],
  routes: [
    {
      path: '/alerts',
      component: () => import('./AlertList.vue'),
      meta: { title: 'record.alert.plural', permission: 'alert.view', tab: 'today' },
    },
  ],
} satisfies Area
