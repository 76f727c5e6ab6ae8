import { computed } from 'vue'
import { iconWarning } from '@/ui/icons'
import type { Portal } from '../portal/parts'
import { useHere } from '../portal/waiting'
import { useAlerts } from './alerts'

export default {
  todos: [
    {
      name: 'alerts.standing',
      icon: iconWarning,
      permission: 'alert.view',
      urgent: true,
      use: () => {
        const { all } = useAlerts()
        const n = computed(() => all.value?.filter(({ row }) => row.state === 'standing').length)
        return useHere(() => n.value, '/alerts')
      },
    },
  ],
} satisfies Portal
