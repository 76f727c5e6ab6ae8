import type { DeskArea } from '@/app/areas'
import { rail } from './routes'

export default {
  name: 'reports',
  routes: [],
  rail: rail.map((entry) => ({ ...entry, group: 'records' })),
} satisfies DeskArea
