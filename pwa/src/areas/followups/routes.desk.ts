import type { DeskArea } from '@/app/areas'
import { iconComplaint, iconList, iconLogins, iconReport, iconStage } from '@/ui/icons'
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
    deskRoutes('trial_account', {
      list: () => import('./desk/TrialTable.vue'),
      panel: () => import('./desk/TrialPanel.vue'),
      phone: '/trial-accounts/:id',
    }),
  ],
  rail: [
    deskEntry('contact_record', iconReport),
    deskEntry('call_report', iconList),
    deskEntry('opportunity', iconStage),
    deskEntry('complaint', iconComplaint),
    deskEntry('trial_account', iconLogins),
  ],
}
export default desk
