import type { DeskArea } from '@/app/areas'
import { iconReport, iconStage } from '@/ui/icons'
import { deskEntry, deskRoutes } from '@/ui/record/paths'

const desk: DeskArea = {
  name: 'followups',
  routes: [
    deskRoutes('contact_record'),
    deskRoutes('opportunity', { panel: () => import('./desk/OpportunityPanel.vue') }),
  ],
  rail: [deskEntry('contact_record', iconReport), deskEntry('opportunity', iconStage)],
}
export default desk
