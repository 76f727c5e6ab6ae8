import type { Area } from '@/app/areas'
import { iconReport } from '@/ui/icons'
import { wordsOf } from '../words'

const words = wordsOf('customers', 'visits', 'today')

export default {
  name: 'worklogs',
  rail: [
    {
      path: '/worklogs',
      icon: iconReport,
      label: 'record.work_report.plural',
      permission: 'worklog.view',
      unlessForOthers: 'worklog.comment',
    },
  ],
  routes: [
    {
      path: '/worklogs',
      component: () => import('./phone/ReportList.vue'),
      meta: { title: 'record.work_report.plural', permission: 'worklog.view', tab: 'me' },
    },
    {
      path: '/worklogs/today',
      component: () => import('./phone/ReportWrite.vue'),
      beforeEnter: words,
      meta: { title: 'record.work_report', permission: 'worklog.create', tab: 'today', hideTabs: true },
    },
    {
      path: '/worklogs/day/:day(\\d{4}-\\d\\d-\\d\\d)',
      component: () => import('./phone/ReportWrite.vue'),
      props: true,
      beforeEnter: words,
      meta: { title: 'record.work_report', permission: 'worklog.create', tab: 'today', hideTabs: true },
    },
    {
      path: '/worklogs/write/:kind/:day(\\d{4}-\\d\\d-\\d\\d)?',
      component: () => import('./phone/ReportWrite.vue'),
      props: true,
      beforeEnter: words,
      meta: { title: 'record.work_report', permission: 'worklog.create', tab: 'me', hideTabs: true },
    },
    {
      path: '/worklogs/:id',
      component: () => import('./phone/ReportPage.vue'),
      props: true,
      beforeEnter: words,
      meta: { title: 'record.work_report', permission: 'worklog.view', tab: 'me' },
    },
  ],
} satisfies Area
