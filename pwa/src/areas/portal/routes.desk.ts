import type { DeskArea } from '@/app/areas'
import { iconHome } from '@/ui/icons'
import { start } from './routes'

export default {
  name: 'portal',
  routes: [{ path: '/desk', ...start, meta: { title: 'nav.desk_home', twin: '/today' } }],
  rail: [{ path: '/desk', icon: iconHome, label: 'nav.desk_home', deskOnly: true }],
} satisfies DeskArea
