import { layout } from '@/app/appearance'
import { iconClock, iconComplaint, iconLogins } from '@/ui/icons'
import type { Portal } from '../portal/parts'
import { useMyId } from '../company/settings'
import { rowsBehind } from '../portal/rows'
import { useHere, useWaiting } from '../portal/waiting'
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
    {
      name: 'followups.trials',
      icon: iconLogins,
      permission: 'trial_account.manage',
      record: 'trial_account',
      urgent: true,
      use: () => {
        const query = { state: 'pending' }
        const list = { path: '/desk/trial-accounts', query: { view: 'pending' } }
        const rows = rowsBehind('trial_account', query, 'portal.todo.followups.trials')
        const to = () => (layout.value === 'phone' ? rows : list)
        return useWaiting({ record: 'trial_account', query, to, since: 'created_at' })
      },
    },
  ],
} satisfies Portal
