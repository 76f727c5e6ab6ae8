import type { DeskArea } from '@/app/areas'
import { deskRoutes } from '@/ui/record/paths'
import { iconOwnFields } from './icons'

const desk: DeskArea = {
  name: 'own',
  routes: [
    {
      path: '/desk/form-fields',
      component: () => import('./desk/OwnFields.vue'),
      meta: { area: 'own', title: 'record.own_field.plural', permission: 'company.edit' },
    },
    deskRoutes('own_field'),
  ],
  rail: [
    {
      path: '/desk/form-fields',
      icon: iconOwnFields,
      label: 'record.own_field.plural',
      permission: 'company.edit',
      deskOnly: true,
      group: 'settings',
    },
  ],
}
export default desk
