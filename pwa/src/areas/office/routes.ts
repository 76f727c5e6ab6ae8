/** Notices of the company, and people's schedules. */
import type { Area } from '@/app/areas'
import { iconNotice, iconSchedule } from '@/ui/icons'
import { wordsOf } from '../words'

export default {
  name: 'office',
  rail: [
    { path: '/notices', icon: iconNotice, label: 'record.notice.plural', permission: 'notice.view', deskOnly: true },
    {
      path: '/schedule',
      icon: iconSchedule,
      label: 'record.schedule_entry.plural',
      permission: 'schedule_entry.view',
      deskOnly: true,
    },
  ],
  routes: [
    {
      path: '/notices',
      component: () => import('./NoticeList.vue'),
      meta: { title: 'record.notice.plural', permission: 'notice.view', tab: 'me' },
    },
    {
      path: '/notices/new',
      component: () => import('./NoticeForm.vue'),
      meta: { title: 'record.notice', permission: 'notice.create', tab: 'me', hideTabs: true },
    },
    {
      path: '/notices/:id',
      component: () => import('./NoticePage.vue'),
      props: true,
      meta: { title: 'record.notice', permission: 'notice.view', tab: 'me' },
    },
    {
      path: '/notices/:id/edit',
      component: () => import('./NoticeForm.vue'),
      props: true,
      meta: { title: 'record.notice', permission: 'notice.edit', tab: 'me', hideTabs: true },
    },
    {
      path: '/schedule',
      component: () => import('./SchedulePage.vue'),
      beforeEnter: wordsOf('customers', 'visits'),
      meta: { title: 'record.schedule_entry.plural', permission: 'schedule_entry.view', tab: 'me' },
    },
  ],
} satisfies Area
