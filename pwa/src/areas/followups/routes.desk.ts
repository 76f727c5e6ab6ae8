import type { DeskArea } from '@/app/areas'
import { iconComplaint, iconList, iconReport, iconStage } from '@/ui/icons'
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
    deskRoutes('complaint', {
      panel: () => import('./desk/ComplaintPanel.vue'),
      phone: '/complaints/:id',
      phoneList: '/complaints',
    }),
  ],
  rail: [
    deskEntry('contact_record', iconReport),
    deskEntry('call_report', iconList),
    deskEntry('opportunity', iconStage),
    deskEntry('complaint', iconComplaint),
  ],
}
export default desk
