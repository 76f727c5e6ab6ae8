import type { DeskArea } from '@/app/areas'
import { iconClock } from '@/ui/icons'

const desk: DeskArea = {
  name: 'scheduler',
  routes: [
    {
      path: '/desk/timed-work',
      component: () => import('./desk/TimedWork.vue'),
      meta: { area: 'scheduler', title: 'nav.timed_work', permission: 'schedule.manage' },
    },
  ],
  rail: [
    {
      path: '/desk/timed-work',
      icon: iconClock,
      label: 'nav.timed_work',
      permission: 'schedule.manage',
      deskOnly: true,
      group: 'settings',
    },
  ],
}
export default desk
