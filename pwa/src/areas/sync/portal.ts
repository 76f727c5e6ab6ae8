import { iconWarning } from '@/ui/icons'
import type { Portal } from '../portal/parts'
import { useHere } from '../portal/waiting'
import { useAttention } from './attention'

export default {
  todos: [
    {
      // Answers of the company one has to see, and conflicts that are one's own to decide.
      name: 'sync.needs_you',
      icon: iconWarning,
      urgent: true,
      use: () => {
        const attention = useAttention()
        return useHere(() => attention.value?.count, '/sync')
      },
    },
  ],
} satisfies Portal
