import { iconChart, iconToday } from '@/ui/icons'
import type { Portal } from '../portal/parts'

export default {
  parts: [
    {
      name: 'today.figures',
      icon: iconChart,
      permission: 'visit.create',
      words: ['worklogs'],
      load: () => import('./FiguresPart.vue'),
    },
    {
      name: 'today.day',
      icon: iconToday,
      permission: 'visit.create',
      words: ['customers', 'visits'],
      load: () => import('./DayPart.vue'),
    },
  ],
} satisfies Portal
