import type { Area, RailEntry } from '@/app/areas'
import { iconApprove, iconPhoto, iconReport, iconTeam } from '@/ui/icons'
import { wordsOf } from '../words'

export const rail: RailEntry[] = [
  { path: '/team', icon: iconTeam, label: 'nav.team', permission: 'visit.view', managers: true },
  { path: '/review/orders', icon: iconApprove, label: 'nav.approvals', permission: 'order.approve', managers: true },
  { path: '/review/reports', icon: iconReport, label: 'nav.reports', permission: 'worklog.comment', managers: true },
  { path: '/review/photos', icon: iconPhoto, label: 'nav.photos', permission: 'visit.view', managers: true },
]

export default {
  name: 'team',
  rail,
  routes: [
    {
      path: '/team',
      component: () => import('./TodayTeam.vue'),
      meta: { title: 'nav.team', permission: 'visit.view' },
    },
    {
      path: '/team/people/:id',
      component: () => import('./day/RepDay.vue'),
      props: true,
      beforeEnter: wordsOf('visits'),
      meta: { title: 'nav.team', permission: 'visit.view' },
    },
    {
      path: '/team/behind/:number',
      component: () => import('./behind/BehindNumber.vue'),
      props: true,
      meta: { title: 'nav.team', permission: 'visit.view' },
    },
    {
      path: '/review/photos',
      component: () => import('./photos/PhotoWall.vue'),
      meta: { title: 'nav.photos', permission: 'visit.view' },
    },
    {
      path: '/review/photos/:id',
      component: () => import('./photos/PhotoViewer.vue'),
      props: true,
      meta: { title: 'record.photo', permission: 'visit.view', bare: true, leafs: true },
    },
    {
      path: '/review/trust',
      component: () => import('./trust/TrustByPerson.vue'),
      meta: { title: 'nav.photos', permission: 'visit.view' },
    },
    {
      path: '/review/reports',
      component: () => import('./reports/ReportDesk.vue'),
      beforeEnter: wordsOf('worklogs'),
      meta: { title: 'nav.reports', permission: 'worklog.view' },
    },
    {
      path: '/review/orders',
      component: () => import('./orders/ApprovalDesk.vue'),
      meta: { title: 'nav.approvals', permission: 'order.view' },
    },
    {
      path: '/review/orders/:id',
      component: () => import('./orders/OrderPage.vue'),
      props: true,
      meta: { title: 'record.order', permission: 'order.view' },
    },
  ],
} satisfies Area
