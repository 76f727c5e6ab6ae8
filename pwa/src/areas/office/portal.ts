import { iconNotice, iconSchedule } from '@/ui/icons'
import type { Portal } from '../portal/parts'

export default {
  parts: [
    {
      name: 'office.notices',
      icon: iconNotice,
      permission: 'notice.view',
      load: () => import('./parts/NoticesPart.vue'),
    },
    {
      name: 'office.today',
      icon: iconSchedule,
      permission: 'schedule_entry.view',
      load: () => import('./parts/TodayPart.vue'),
    },
  ],
} satisfies Portal
