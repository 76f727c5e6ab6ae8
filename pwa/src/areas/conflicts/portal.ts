import { iconConflict } from '@/ui/icons'
import type { Portal } from '../portal/parts'
import { useWaiting } from '../portal/waiting'

export default {
  todos: [
    {
      // Of everybody one may decide for; one's own stand under what needs one.
      name: 'conflicts.open',
      icon: iconConflict,
      permission: 'conflict.resolve',
      managers: true,
      sizes: ['desk'],
      urgent: true,
      use: () =>
        useWaiting({
          record: 'conflict',
          query: { state: 'open' },
          to: { path: '/desk/conflicts' },
          since: 'created_at',
        }),
    },
  ],
} satisfies Portal
