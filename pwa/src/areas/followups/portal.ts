import { iconClock } from '@/ui/icons'
import type { Portal } from '../portal/parts'
import { useHere } from '../portal/waiting'
import { DUE, dueCount, useDueContacts } from './records'

export default {
  parts: [
    {
      name: 'followups.due',
      icon: iconClock,
      permission: 'contact_record.view',
      words: ['customers'],
      load: () => import('./parts/DuePart.vue'),
    },
  ],
  todos: [
    {
      name: 'followups.due',
      icon: iconClock,
      permission: 'contact_record.view',
      urgent: true,
      unless: 'followups.due',
      use: () => {
        const due = useDueContacts()
        return useHere(() => due.value && dueCount(due.value), DUE)
      },
    },
  ],
} satisfies Portal
