import type { Area } from '@/app/areas'
import { wordsOf } from '../words'
import { iconCode } from './icons'

const words = wordsOf('customers', 'orders')

export default {
  name: 'visits',
  routes: [
    {
      path: '/visits/new',
      component: () => import('./phone/VisitNew.vue'),
      beforeEnter: words,
      meta: { title: 'nav.new_visit', permission: 'visit.create', tab: 'today' },
    },
    {
      path: '/visits/plan',
      component: () => import('./phone/PlanVisits.vue'),
      beforeEnter: words,
      meta: { title: 'record.visit.plural', permission: 'visit.create', tab: 'today', hideTabs: true },
    },
    {
      path: '/visits/route',
      component: () => import('./route/RoutePage.vue'),
      beforeEnter: wordsOf('customers', 'team'),
      meta: { title: 'visits.route.title', permission: 'visit.create', tab: 'today', hideTabs: true },
    },
    {
      path: '/visits/start/:customer',
      component: () => import('./phone/CheckIn.vue'),
      props: true,
      beforeEnter: words,
      meta: { title: 'record.visit', permission: 'visit.create', tab: 'today', hideTabs: true },
    },
    {
      path: '/visits/:id',
      component: () => import('./phone/VisitPage.vue'),
      props: true,
      beforeEnter: words,
      meta: { title: 'record.visit', permission: 'visit.view', tab: 'today', hideTabs: true },
    },
    {
      path: '/visits/:id/camera',
      component: () => import('./phone/VisitCamera.vue'),
      props: true,
      meta: { title: 'record.photo', permission: 'visit.create', bare: true },
    },
    {
      path: '/verify/:code?',
      component: () => import('./VerifyPage.vue'),
      props: true,
      meta: { title: 'nav.verify', tab: 'me' },
    },
  ],
  rail: [{ path: '/verify', icon: iconCode, label: 'nav.verify', deskOnly: true }],
} satisfies Area
