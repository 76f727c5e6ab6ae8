import type { DeskArea } from '@/app/areas'
import { iconUpload } from '@/ui/icons'

const desk: DeskArea = {
  name: 'imports',
  routes: [
    {
      path: '/desk/imports/:id?',
      component: () => import('./desk/ImportPage.vue'),
      meta: { title: 'imports.title', permission: 'customer.import' },
    },
  ],
  rail: [
    {
      path: '/desk/imports',
      icon: iconUpload,
      label: 'nav.imports',
      permission: 'customer.import',
      deskOnly: true,
      group: 'decide',
    },
  ],
}
export default desk
