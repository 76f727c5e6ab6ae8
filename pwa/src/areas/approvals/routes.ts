/** What one is asked to decide, what one has asked for, and what was decided: the same on phone, tablet and desk. */
import type { Area } from '@/app/areas'
import { toDecide } from '@/app/unread'
import { iconApprove } from '@/ui/icons'

export default {
  name: 'approvals',
  rail: [
    {
      path: '/approvals',
      icon: iconApprove,
      label: 'nav.papers',
      permission: 'approval.view',
      group: 'decide',
      count: toDecide,
    },
  ],
  routes: [
    {
      path: '/approvals',
      component: () => import('./PaperList.vue'),
      meta: { title: 'nav.papers', permission: 'approval.view', tab: 'me' },
    },
    {
      path: '/approvals/away',
      component: () => import('./AwayPage.vue'),
      meta: { title: 'record.approval_absence', permission: 'approval_absence.view', tab: 'me' },
    },
    {
      path: '/approvals/change/:customer',
      component: () => import('./ChangePage.vue'),
      props: true,
      meta: {
        title: 'choice.approval.kind.customer.change',
        permission: 'customer.edit',
        tab: 'customers',
        hideTabs: true,
      },
    },
    {
      path: '/approvals/transfer/:customer',
      component: () => import('./TransferPage.vue'),
      props: true,
      meta: {
        title: 'choice.approval.kind.customer.transfer',
        permission: 'customer.transfer',
        tab: 'customers',
        hideTabs: true,
      },
    },
    {
      path: '/approvals/:id',
      component: () => import('./PaperPage.vue'),
      props: true,
      meta: { title: 'record.approval', permission: 'approval.view', tab: 'me', hideTabs: true },
    },
  ],
} satisfies Area
