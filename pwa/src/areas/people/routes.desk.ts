import type { DeskArea } from '@/app/areas'
import { iconCall, iconDepartments, iconDevices, iconLogins, iconPeople, iconRoles } from '@/ui/icons'
import { deskEntry, deskRoutes } from '@/ui/record/paths'

const desk: DeskArea = {
  name: 'people',
  routes: [
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
    deskEntry('device', iconDevices, 'settings'),
    deskEntry('login_log', iconLogins, 'settings'),
    deskEntry('phone_reveal', iconCall, 'settings'),
  ],
}
export default desk
