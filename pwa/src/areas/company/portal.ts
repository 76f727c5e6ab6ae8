import { iconCompany } from '@/ui/icons'
import type { Portal } from '../portal/parts'

export default {
  parts: [
    {
      name: 'company.setup',
      icon: iconCompany,
      permission: 'company.edit',
      sizes: ['tablet', 'desk'],
      wide: true,
      load: () => import('./SetupPart.vue'),
    },
  ],
} satisfies Portal
