import type { DeskArea } from '@/app/areas'
import { unread } from '@/app/unread'
import { iconBell, iconBellSettings } from '@/ui/icons'

const desk: DeskArea = {
  name: 'notifications',
  routes: [
    {
      path: '/desk/notifications',
      component: () => import('./desk/NotificationSettings.vue'),
      meta: { area: 'notifications', title: 'nav.notifications', permission: 'notification_rule.edit' },
    },
  ],
  rail: [
    { path: '/inbox', icon: iconBell, label: 'nav.inbox', permission: 'notification.view', count: unread },
    {
      path: '/desk/notifications',
      icon: iconBellSettings,
      label: 'nav.notifications',
      permission: 'notification_rule.edit',
      deskOnly: true,
      group: 'settings',
    },
  ],
}
export default desk
