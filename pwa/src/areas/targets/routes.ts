/** What people aim at and how far they are: one's own on the phone, the organisation for who leads. */
import type { Area, RailEntry } from '@/app/areas'
import { wordsOf } from '../words'
import { iconTarget } from './icons'

const words = wordsOf('team', 'today', 'visits', 'desk', 'reports')
export const teamEntry: RailEntry = {
  path: '/targets/team',
  icon: iconTarget,
  label: 'nav.team_targets',
  permission: 'target.view',
  managers: true,
}

export default {
  name: 'targets',
  rail: [
    {
      path: '/targets',
      icon: iconTarget,
      label: 'record.target.plural',
      permission: 'target.view',
      unlessForOthers: 'target.view',
    },
    teamEntry,
  ],
  routes: [
    {
      path: '/targets',
      component: () => import('./MyTargets.vue'),
      beforeEnter: words,
      meta: { title: 'record.target.plural', permission: 'target.view', tab: 'me' },
    },
    {
      path: '/targets/team',
      component: () => import('./TeamTargets.vue'),
      beforeEnter: words,
      meta: { title: 'record.target.plural', permission: 'target.view', tab: 'me' },
    },
    {
      path: '/targets/rows',
      component: () => import('./TargetRows.vue'),
      beforeEnter: words,
      meta: { title: 'record.target.plural', permission: 'target.view', tab: 'me', asks: ['record', 'of'] },
    },
    {
      path: '/targets/new',
      component: () => import('./TargetForm.vue'),
      beforeEnter: words,
      meta: { title: 'record.target', permission: 'target.create', tab: 'me', hideTabs: true },
    },
    {
      path: '/targets/:id',
      component: () => import('./TargetPage.vue'),
      props: true,
      beforeEnter: words,
      meta: { title: 'record.target', permission: 'target.view', tab: 'me' },
    },
    {
      path: '/targets/:id/edit',
      component: () => import('./TargetForm.vue'),
      props: true,
      beforeEnter: words,
      meta: { title: 'record.target', permission: 'target.edit', tab: 'me', hideTabs: true },
    },
  ],
} satisfies Area
