import type { DeskArea } from '@/app/areas'
import { iconCall, iconDepartments, iconDevices, iconLogins, iconPeople, iconRights, iconRoles } from '@/ui/icons'
import { deskEntry, deskRoutes } from '@/ui/record/paths'

const desk: DeskArea = {
  name: 'people',
  routes: [
    {
      path: '/desk/rights',
      component: () => import('./desk/RightsOverview.vue'),
      meta: { area: 'people', title: 'people.rights.overview', permission: 'rights.view' },
    },
    {
      path: '/desk/handover/:id',
      component: () => import('./desk/HandoverPage.vue'),
      meta: { area: 'people', title: 'people.handover.action', permission: 'employee.hand_over' },
    },
    deskRoutes('employee', {
      panel: () => import('./desk/EmployeePanel.vue'),
      create: () => import('./desk/EmployeeCreate.vue'),
    }),
    deskRoutes('department', { list: () => import('./desk/DepartmentTree.vue') }),
    deskRoutes('role', { panel: () => import('./desk/RolePanel.vue') }),
    deskRoutes('device', { panel: () => import('./desk/DevicePanel.vue') }),
    deskRoutes('login_log'),
    deskRoutes('phone_reveal'),
  ],
  rail: [
    deskEntry('employee', iconPeople, 'settings'),
    deskEntry('department', iconDepartments, 'settings'),
    deskEntry('role', iconRoles, 'settings'),
    {
      path: '/desk/rights',
      icon: iconRights,
      label: 'people.rights.overview',
      permission: 'rights.view',
      group: 'settings',
    },
    deskEntry('device', iconDevices, 'settings'),
    deskEntry('login_log', iconLogins, 'settings'),
    deskEntry('phone_reveal', iconCall, 'settings'),
  ],
}
export default desk
