import type { DeskArea } from '@/app/areas'
import { teamEntry } from './routes'

/** At the desk everybody has the page of cards: who leads nobody finds his own. */
export default {
  name: 'targets',
  routes: [],
  rail: [{ ...teamEntry, managers: undefined, group: 'records' }],
} satisfies DeskArea
