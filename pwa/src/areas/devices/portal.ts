import { iconKept } from '@/ui/icons'
import type { Portal } from '../portal/parts'
import { useCounted } from '../portal/waiting'
import { useAnswer } from '../team/answers'

export default {
  todos: [
    {
      name: 'devices.kept',
      icon: iconKept,
      permission: 'inbox.manage',
      sizes: ['desk'],
      urgent: true,
      use: () =>
        useCounted(
          useAnswer<unknown[]>(() => ({ path: '/api/kept-ops' })),
          (ops) => ops.length,
          '/devices',
        ),
    },
  ],
} satisfies Portal
