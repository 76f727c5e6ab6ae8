import type { DeskArea } from '@/app/areas'
import { iconList, iconReport, iconStage } from '@/ui/icons'
import { deskEntry, deskRoutes } from '@/ui/record/paths'

const desk: DeskArea = {
  name: 'followups',
  routes: [
    deskRoutes('contact_record'),
    deskRoutes('call_report', {
      panel: () => import('./desk/CallReportPanel.vue'),
      create: () => import('./desk/CallReportNew.vue'),
    }),
    deskRoutes('opportunity', { panel: () => import('./desk/OpportunityPanel.vue') }),
  ],
  rail: [
    deskEntry('contact_record', iconReport),
    deskEntry('call_report', iconList),
    deskEntry('opportunity', iconStage),
  ],
}
export default desk
