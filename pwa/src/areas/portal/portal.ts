import { iconDone } from '@/ui/icons'
import type { Portal } from './parts'

export default {
  parts: [{ name: 'portal.todo', icon: iconDone, wide: true, words: ['team'], load: () => import('./TodoPart.vue') }],
} satisfies Portal
