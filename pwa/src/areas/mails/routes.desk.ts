import type { DeskArea } from '@/app/areas'
import { iconMail } from '@/ui/icons'
import { deskEntry, deskRoutes } from '@/ui/record/paths'

const desk: DeskArea = {
  name: 'mails',
  routes: [
    deskRoutes('mail', { list: () => import('./desk/MailTable.vue'), panel: () => import('./desk/MailPanel.vue') }),
    deskRoutes('mail_batch', {
      list: () => import('./desk/BatchTable.vue'),
      panel: () => import('./desk/BatchPanel.vue'),
    }),
  ],
  rail: [deskEntry('mail', iconMail)],
}
export default desk
