import type { DeskArea } from '@/app/areas'
import { iconCompany, iconLists } from '@/ui/icons'
import { deskRoutes } from '@/ui/record/paths'

const desk: DeskArea = {
  name: 'company',
  routes: [
    {
      path: '/desk/lists',
      component: () => import('./desk/OptionLists.vue'),
      meta: { area: 'company', title: 'record.option.plural', permission: 'option.view' },
    },
    {
      path: '/desk/company',
      component: () => import('./desk/CompanySettings.vue'),
      meta: { area: 'company', title: 'record.company', permission: 'company.edit' },
    },
    deskRoutes('option'),
  ],
  rail: [
    {
      path: '/desk/lists',
      icon: iconLists,
      label: 'record.option.plural',
      permission: 'option.edit',
      deskOnly: true,
      group: 'settings',
    },
    {
      path: '/desk/company',
      icon: iconCompany,
      label: 'record.company',
      permission: 'company.edit',
      deskOnly: true,
      group: 'settings',
    },
  ],
}
export default desk
