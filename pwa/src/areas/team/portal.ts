import { iconPhoto, iconReport, iconTeam } from '@/ui/icons'
import type { Portal } from '../portal/parts'
import { useCounted } from '../portal/waiting'
import { useReports } from './reports/reports'

export default {
  parts: [
    {
      name: 'team.today',
      icon: iconTeam,
      permission: 'visit.view',
      managers: true,
      wide: true,
      load: () => import('./TodayPart.vue'),
    },
    {
      name: 'team.suspects',
      icon: iconPhoto,
      permission: 'visit.overrule',
      managers: true,
      words: ['visits'],
      load: () => import('./trust/SuspectsPart.vue'),
    },
  ],
  todos: [
    {
      name: 'team.unread_reports',
      icon: iconReport,
      permission: 'worklog.comment',
      managers: true,
      urgent: true,
      use: () => {
        const { answer, unread } = useReports()
        return useCounted(answer, () => unread.value, '/review/reports')
      },
    },
  ],
} satisfies Portal
