import { iconClock, iconComplaint } from '@/ui/icons'
import type { Portal } from '../portal/parts'
import { useMyId } from '../company/settings'
import { useHere } from '../portal/waiting'
import { isWaiting, useComplaints } from './complaints'
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
    {
      name: 'followups.complaints',
      icon: iconComplaint,
      permission: 'complaint.edit',
      urgent: true,
      use: () => {
        const me = useMyId()
        const { all } = useComplaints()
        return useHere(() => all.value?.filter((row) => isWaiting(row) && row.handler_id === me).length, {
          path: '/complaints',
          query: { handler_id: me, state__in: 'open,working' },
        })
      },
    },
  ],
} satisfies Portal
