/** Timed work is looked after at the desk. */
import type { Area } from '@/app/areas'

export default { name: 'scheduler', routes: [] } satisfies Area
