import type { Area } from '@/app/areas'

export default {
  name: 'me',
  routes: [
    { path: '/me', component: () => import('./MePage.vue'), meta: { tab: 'me', title: 'nav.me' } },
    { path: '/me/profile', component: () => import('./ProfilePage.vue'), meta: { tab: 'me', title: 'me.profile' } },
    { path: '/me/devices', component: () => import('./DevicesPage.vue'), meta: { tab: 'me', title: 'me.devices' } },
    {
      path: '/me/password',
      component: () => import('./PasswordPage.vue'),
      meta: { tab: 'me', title: 'me.password' },
    },
    { path: '/me/about', component: () => import('./AboutPage.vue'), meta: { tab: 'me', title: 'me.about' } },
  ],
} satisfies Area
