import type { DeskArea } from '@/app/areas'
import { iconConflict } from '@/ui/icons'

const desk: DeskArea = {
  name: 'conflicts',
  routes: [
    {
      path: '/desk/conflicts/:id?',
      component: () => import('./desk/ConflictQueue.vue'),
      meta: { title: 'record.conflict.plural', permission: 'conflict.view' },
    },
  ],
  rail: [
    {
      path: '/desk/conflicts',
      icon: iconConflict,
      label: 'record.conflict.plural',
      permission: 'conflict.resolve',
      deskOnly: true,
      group: 'decide',
    },
  ],
}
export default desk
