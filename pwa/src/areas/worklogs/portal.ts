import { computed } from 'vue'
import { useRows } from '@/sync/vue'
import { shortDate, today } from '@/ui/format'
import { iconReport } from '@/ui/icons'
import { minute } from '@/ui/minute'
import { useMyId } from '../company/settings'
import type { Portal } from '../portal/parts'
import { unreported } from './missing'

export default {
  parts: [
    {
      name: 'worklogs.today',
      icon: iconReport,
      permission: 'worklog.create',
      words: ['today'],
      load: () => import('./phone/TodayPart.vue'),
    },
  ],
  todos: [
    {
      // A day each: what one writes is one report.
      name: 'worklogs.missing',
      icon: iconReport,
      permission: 'worklog.create',
      urgent: true,
      use: () => {
        const me = useMyId()
        const visits = useRows('visit', { index: 'visitor_id', value: me })
        const reports = useRows('work_report', { index: 'author_id', value: me })
        return computed(() =>
          visits.value && reports.value
            ? unreported(visits.value, reports.value, me, (void minute.value, today())).map((day) => ({
                args: { day: shortDate(day) },
                to: `/worklogs/day/${day}`,
              }))
            : null,
        )
      },
    },
  ],
} satisfies Portal
