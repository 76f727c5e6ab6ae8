/** The desk's own screens: what waits for somebody, and operations the server kept. */
import type { DeskArea } from '@/app/areas'
import { iconHome, iconKept } from '@/ui/icons'

const desk: DeskArea = {
  name: 'desk',
  routes: [
    { path: '/desk', component: () => import('./DeskHome.vue'), meta: { title: 'desk.home.title' } },
    {
      path: '/desk/kept-ops',
      component: () => import('./KeptOps.vue'),
      meta: { title: 'desk.kept.title', permission: 'inbox.manage' },
    },
  ],
  rail: [
    { path: '/desk', icon: iconHome, label: 'nav.desk_home', deskOnly: true },
    {
      path: '/desk/kept-ops',
      icon: iconKept,
      label: 'nav.kept_ops',
      permission: 'inbox.manage',
      deskOnly: true,
      group: 'decide',
    },
  ],
}
export default desk
