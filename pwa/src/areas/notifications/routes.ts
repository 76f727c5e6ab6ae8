/** The inbox, and what one wants to be told of: the same on phone, tablet and desk. */
import type { Area } from '@/app/areas'
import { unread } from '@/app/unread'
import { iconBell } from '@/ui/icons'

export default {
  name: 'notifications',
  rail: [{ path: '/inbox', icon: iconBell, label: 'nav.inbox', permission: 'notification.view', count: unread }],
  routes: [
    {
      path: '/inbox/:id?',
      component: () => import('./InboxPage.vue'),
      props: true,
      meta: { title: 'nav.inbox', permission: 'notification.view', tab: 'me' },
    },
    {
      path: '/me/notifications',
      component: () => import('./SettingsPage.vue'),
      meta: { title: 'notifications.settings', permission: 'notification.view', tab: 'me' },
    },
  ],
} satisfies Area
