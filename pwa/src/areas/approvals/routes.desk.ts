import type { DeskArea } from '@/app/areas'
import { toDecide } from '@/app/unread'
import { iconApprove, iconDepartments } from '@/ui/icons'

const desk: DeskArea = {
  name: 'approvals',
  routes: [
    {
      path: '/desk/flows',
      component: () => import('./desk/FlowEditor.vue'),
      meta: { area: 'approvals', title: 'record.approval_flow.plural', permission: 'approval_flow.view' },
    },
  ],
  rail: [
    {
      path: '/approvals',
      icon: iconApprove,
      label: 'nav.papers',
      permission: 'approval.view',
      group: 'decide',
      count: toDecide,
    },
    {
      path: '/desk/flows',
      icon: iconDepartments,
      label: 'record.approval_flow.plural',
      permission: 'approval_flow.view',
      deskOnly: true,
      group: 'settings',
    },
  ],
}
export default desk
