import type { Area } from '@/app/areas'
import { iconMail } from '@/ui/icons'

export default {
  name: 'mails',
  rail: [
    {
      path: '/mails/accounts',
      icon: iconMail,
      label: 'record.mail_account.plural',
      permission: 'mail_account.view',
      deskOnly: true,
    },
  ],
  routes: [
    {
      path: '/mails/accounts',
      component: () => import('./AccountList.vue'),
      meta: { title: 'record.mail_account.plural', permission: 'mail_account.view', tab: 'me' },
    },
    {
      path: '/customers/:customer/mails/new',
      component: () => import('./phone/MailWrite.vue'),
      props: true,
      meta: { title: 'record.mail', permission: 'mail.create', tab: 'customers', hideTabs: true },
    },
  ],
} satisfies Area
