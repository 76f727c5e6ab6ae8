/** The desk's own screen: what waits for somebody. */
import type { DeskArea } from '@/app/areas'
import { iconHome } from '@/ui/icons'

const desk: DeskArea = {
  name: 'desk',
  routes: [{ path: '/desk', component: () => import('./DeskHome.vue'), meta: { title: 'desk.home.title' } }],
  rail: [{ path: '/desk', icon: iconHome, label: 'nav.desk_home', deskOnly: true }],
}
export default desk
