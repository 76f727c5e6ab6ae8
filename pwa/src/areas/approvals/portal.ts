import { iconApprove, iconUndo } from '@/ui/icons'
import type { Portal } from '../portal/parts'
import { useHere } from '../portal/waiting'
import { useBoxes } from './useBoxes'

export default {
  todos: [
    {
      name: 'approvals.waiting',
      icon: iconApprove,
      permission: 'approval.view',
      urgent: true,
      use: () => {
        const all = useBoxes()
        return useHere(() => all.value?.waiting.length, '/approvals')
      },
    },
    {
      // Sent back to who asked: to be changed and asked again, or dropped.
      name: 'approvals.returned',
      icon: iconUndo,
      permission: 'approval.view',
      urgent: true,
      use: () => {
        const all = useBoxes()
        return useHere(() => all.value?.returned.length, {
          path: '/approvals',
          query: { box: 'returned' },
        })
      },
    },
  ],
} satisfies Portal
