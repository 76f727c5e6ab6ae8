import type { DeskArea } from '@/app/areas'
import { deskRoutes } from '@/ui/record/paths'
import { iconLayout } from './icons'

const desk: DeskArea = {
  name: 'layouts',
  routes: [
    {
      path: '/desk/arrange',
      component: () => import('./desk/LayoutPage.vue'),
      meta: { area: 'layouts', title: 'record.layout', permission: 'company.edit' },
    },
    deskRoutes('layout'),
  ],
  rail: [
    {
      path: '/desk/arrange',
      icon: iconLayout,
      label: 'record.layout',
      permission: 'company.edit',
      deskOnly: true,
      group: 'settings',
    },
  ],
}
export default desk
