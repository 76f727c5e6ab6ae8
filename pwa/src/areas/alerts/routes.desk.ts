import type { DeskArea } from '@/app/areas'
import { iconBellSettings, iconWarning } from '@/ui/icons'
import { deskEntry, deskPath, deskRoutes } from '@/ui/record/paths'

const desk: DeskArea = {
  name: 'alerts',
  routes: [
    deskRoutes('alert', {
      list: () => import('./desk/AlertTable.vue'),
      panel: () => import('./desk/AlertPanel.vue'),
      phoneList: '/alerts',
    }),
    deskRoutes('alert_rule', { list: () => import('./desk/RuleList.vue') }),
  ],
  rail: [
    deskEntry('alert', iconWarning),
    {
      path: deskPath('alert_rule'),
      icon: iconBellSettings,
      label: 'record.alert_rule.plural',
      permission: 'alert_rule.edit',
      deskOnly: true,
      group: 'settings',
    },
  ],
}
export default desk
