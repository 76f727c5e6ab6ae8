import type { DeskArea } from '@/app/areas'
import { iconReport } from '@/ui/icons'
import { deskEntry, deskRoutes } from '@/ui/record/paths'

const desk: DeskArea = {
  name: 'worklogs',
  routes: [deskRoutes('work_report', { create: null, panel: () => import('./desk/ReportPanel.vue') })],
  rail: [
    {
      ...deskEntry('work_report', iconReport),
      path: '/worklogs',
      label: 'record.work_report.plural',
      unlessForOthers: 'worklog.comment',
    },
  ],
}
export default desk
