import { iconBell } from '@/ui/icons'
import type { Portal } from '../portal/parts'

export default {
  parts: [
    {
      name: 'notifications.latest',
      icon: iconBell,
      permission: 'notification.view',
      load: () => import('./LatestPart.vue'),
    },
  ],
} satisfies Portal
