/** Who looks after the devices: when each was heard of, what waits on it, and what the server could not run. */
import type { Area } from '@/app/areas'
import { iconDevices } from '@/ui/icons'
import { wordsOf } from '../words'

export default {
  name: 'devices',
  rail: [
    {
      path: '/devices',
      icon: iconDevices,
      label: 'nav.devices',
      permission: 'device.view',
      managers: true,
      deskOnly: true,
      group: 'decide',
    },
  ],
  routes: [
    {
      path: '/devices',
      component: () => import('./DevicesAndSync.vue'),
      beforeEnter: wordsOf('sync'),
      meta: { title: 'nav.devices', permission: 'device.view', tab: 'me' },
    },
  ],
} satisfies Area
