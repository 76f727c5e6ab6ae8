import type { DeskArea } from '@/app/areas'
import { rail } from './routes'

/** At the desk, orders are approved in the desk's own work list. */
export default {
  name: 'team',
  routes: [],
  rail: rail.filter((entry) => entry.path !== '/review/orders'),
} satisfies DeskArea
