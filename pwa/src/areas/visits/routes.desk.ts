import type { DeskArea } from '@/app/areas'
import { iconPhoto, iconPlace } from '@/ui/icons'
import { deskEntry, deskRoutes } from '@/ui/record/paths'

const desk: DeskArea = {
  name: 'visits',
  routes: [
    deskRoutes('visit', { panel: () => import('./desk/VisitPanel.vue') }),
    deskRoutes('photo', { panel: () => import('./desk/PhotoPanel.vue') }),
  ],
  rail: [deskEntry('visit', iconPlace), deskEntry('photo', iconPhoto)],
}
export default desk
