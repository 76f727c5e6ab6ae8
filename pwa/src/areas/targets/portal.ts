import type { Portal } from '../portal/parts'
import { iconTarget } from './icons'

export default {
  parts: [
    {
      name: 'targets.mine',
      icon: iconTarget,
      permission: 'target.view',
      load: () => import('./parts/MinePart.vue'),
    },
  ],
} satisfies Portal
