import type { DeskArea } from '@/app/areas'
import { iconReport } from '@/ui/icons'
import { deskEntry, deskRoutes } from '@/ui/record/paths'

const desk: DeskArea = {
  name: 'followups',
  routes: [deskRoutes('contact_record')],
  rail: [deskEntry('contact_record', iconReport)],
}
export default desk
