import type { DeskArea } from '@/app/areas'
import { deskRoutes } from '@/ui/record/paths'
import { iconLayout, iconTemplate } from './icons'

const desk: DeskArea = {
  name: 'layouts',
  routes: [
    {
      path: '/desk/arrange',
      component: () => import('./desk/LayoutPage.vue'),
      meta: { area: 'layouts', title: 'record.layout', permission: 'company.edit' },
    },
    deskRoutes('layout'),
    {
      path: '/desk/looks',
      component: () => import('./desk/TemplatesPage.vue'),
      meta: { area: 'layouts', title: 'record.form_template.plural', permission: 'company.edit' },
    },
    deskRoutes('form_template', { create: null }),
  ],
  rail: [
    {
      path: '/desk/arrange',
      icon: iconLayout,
      label: 'record.layout',
      permission: 'company.edit',
      deskOnly: true,
      group: 'settings',
    },
    {
      path: '/desk/looks',
      icon: iconTemplate,
      label: 'record.form_template.plural',
      permission: 'company.edit',
      deskOnly: true,
      group: 'settings',
    },
  ],
}
export default desk
