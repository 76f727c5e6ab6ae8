import type { Area } from '@/app/areas'
import { onCalled } from '@/ui/calls'
import { iconClock } from '@/ui/icons'
import { wordsOf } from '../words'

const words = wordsOf('customers', 'visits')
onCalled((call) => void import('./noteCall').then(({ noteCall }) => noteCall(call)))

export default {
  name: 'followups',
  rail: [{ path: '/followups', icon: iconClock, label: 'nav.due_contacts', permission: 'contact_record.view' }],
  routes: [
    {
      path: '/followups',
      component: () => import('./phone/DueList.vue'),
      beforeEnter: words,
      meta: { title: 'nav.due_contacts', permission: 'contact_record.view', tab: 'today' },
    },
    {
      path: '/customers/:customer/contact-records/:id',
      component: () => import('./phone/RecordWrite.vue'),
      props: ({ params }) => ({
        customer: String(params.customer),
        id: params.id === 'new' ? undefined : String(params.id),
      }),
      beforeEnter: words,
      meta: { title: 'record.contact_record', permission: 'contact_record.create', tab: 'customers', hideTabs: true },
    },
    {
      path: '/leads/cold',
      component: () => import('./phone/ColdVisit.vue'),
      beforeEnter: words,
      meta: {
        title: 'record.call_report',
        permission: 'customer.create',
        tab: 'customers',
        hideTabs: true,
      },
    },
    {
      path: '/customers/:customer/call-reports/:id',
      component: () => import('./phone/CallReportPage.vue'),
      props: ({ params }) => ({
        customer: String(params.customer),
        id: params.id === 'new' ? undefined : String(params.id),
      }),
      beforeEnter: words,
      meta: { title: 'record.call_report', permission: 'call_report.view', tab: 'customers', hideTabs: true },
    },
    {
      path: '/customers/:customer/opportunities/:id',
      component: () => import('./phone/OpportunityPage.vue'),
      props: ({ params }) => ({
        customer: String(params.customer),
        id: params.id === 'new' ? undefined : String(params.id),
      }),
      beforeEnter: words,
      meta: { title: 'record.opportunity', permission: 'opportunity.view', tab: 'customers', hideTabs: true },
    },
    {
      path: '/customers/:customer/complaints/new',
      component: () => import('./phone/ComplaintPage.vue'),
      props: ({ params }) => ({ customer: String(params.customer) }),
      beforeEnter: words,
      meta: { title: 'record.complaint', permission: 'complaint.create', tab: 'customers', hideTabs: true },
    },
    {
      path: '/complaints',
      component: () => import('./phone/ComplaintList.vue'),
      beforeEnter: words,
      meta: { title: 'record.complaint.plural', permission: 'complaint.view', tab: 'today' },
    },
    {
      path: '/complaints/:id',
      component: () => import('./phone/ComplaintPage.vue'),
      props: ({ params }) => ({ id: String(params.id) }),
      beforeEnter: words,
      meta: { title: 'record.complaint', permission: 'complaint.view', tab: 'customers', hideTabs: true },
    },
    {
      path: '/customers/:customer/trial-accounts/new',
      component: () => import('./phone/TrialPage.vue'),
      props: ({ params }) => ({ customer: String(params.customer) }),
      beforeEnter: words,
      meta: { title: 'record.trial_account', permission: 'trial_account.create', tab: 'customers', hideTabs: true },
    },
    {
      path: '/trial-accounts/:id',
      component: () => import('./phone/TrialPage.vue'),
      props: ({ params }) => ({ id: String(params.id) }),
      beforeEnter: words,
      meta: { title: 'record.trial_account', permission: 'trial_account.view', tab: 'customers', hideTabs: true },
    },
  ],
} satisfies Area
