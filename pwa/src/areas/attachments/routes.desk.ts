import type { DeskArea } from '@/app/areas'
import { deskRoutes } from '@/ui/record/paths'

const desk: DeskArea = {
  name: 'attachments',
  routes: [
    deskRoutes('attachment', {
      list: () => import('./desk/DocumentTable.vue'),
      panel: () => import('./desk/DocumentPanel.vue'),
      create: null,
    }),
  ],
  rail: [],
}
export default desk
