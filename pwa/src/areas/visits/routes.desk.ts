import type { DeskArea } from '@/app/areas'
import { iconPhoto, iconPlace } from '@/ui/icons'
import { iconCode, iconPhotoKinds } from './icons'
import { deskEntry, deskRoutes } from '@/ui/record/paths'

const desk: DeskArea = {
  name: 'visits',
  routes: [
    deskRoutes('visit', { panel: () => import('./desk/VisitPanel.vue') }),
    {
      path: '/desk/visit-photos',
      component: () => import('./desk/VisitTypes.vue'),
      meta: { title: 'record.visit_type.plural', permission: 'company.edit' },
    },
    deskRoutes('visit_type'),
    deskRoutes('photo', { panel: () => import('./desk/PhotoPanel.vue') }),
  ],
  rail: [
    deskEntry('visit', iconPlace),
    deskEntry('photo', iconPhoto),
    { path: '/verify', icon: iconCode, label: 'nav.verify', deskOnly: true, group: 'records' },
    {
      path: '/desk/visit-photos',
      icon: iconPhotoKinds,
      label: 'record.visit_type.plural',
      permission: 'company.edit',
      deskOnly: true,
      group: 'settings',
    },
  ],
}
export default desk
