import type { DeskArea } from '@/app/areas'
import { iconCompany, iconDone, iconEdit, iconLists } from '@/ui/icons'
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
    {
      path: '/desk/setup',
      component: () => import('./desk/SetupGuide.vue'),
      meta: { area: 'company', title: 'company.guide.title', permission: 'company.edit' },
    },
    {
      path: '/desk/menu',
      component: () => import('./desk/MenuNames.vue'),
      meta: { area: 'company', title: 'company.menu.title', permission: 'company.edit' },
    },
    {
      path: '/desk/data-sets',
      component: () => import('./desk/DataSets.vue'),
      meta: { area: 'company', title: 'company.data_sets.title', permission: 'company.edit' },
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
    {
      path: '/desk/setup',
      icon: iconDone,
      label: 'nav.setup',
      permission: 'company.edit',
      deskOnly: true,
      group: 'settings',
    },
    {
      path: '/desk/menu',
      icon: iconEdit,
      label: 'nav.menu_names',
      permission: 'company.edit',
      deskOnly: true,
      group: 'settings',
    },
    {
      path: '/desk/data-sets',
      icon: iconCompany,
      label: 'nav.data_sets',
      permission: 'company.edit',
      deskOnly: true,
      group: 'settings',
    },
  ],
}
export default desk
