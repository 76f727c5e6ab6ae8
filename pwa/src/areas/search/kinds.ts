/** What the box finds, in the order in which it is shown, and what tells likes apart. */
import {
  iconApprove,
  iconCall,
  iconComplaint,
  iconCustomers,
  iconList,
  iconLogins,
  iconMail,
  iconNotice,
  iconOrders,
  iconPeople,
  iconPerson,
  iconPlace,
  iconProducts,
  iconReport,
  iconSchedule,
  iconStage,
  iconTeam,
  iconToday,
} from '@/ui/icons'

export interface SearchKind {
  record: string
  icon: string
  /** The fields that are found by how they begin; "" where there is none. */
  number: string
  name: string
  /** Shown beside the title. */
  also: string[]
  /** The screen of a row on phone and tablet, and everywhere without network; null where there is none. */
  screen: (row: Record<string, unknown>) => string | null
  /** It is the desk's, too. */
  anySize?: true
}

const withinCustomer = (row: Record<string, unknown>) =>
  typeof row.customer_id === 'string' ? `/customers/${row.customer_id}` : null

export const kinds: SearchKind[] = [
  {
    record: 'customer',
    icon: iconCustomers,
    number: 'customer_no',
    name: 'name',
    also: ['customer_no', 'mobile', 'owner_id'],
    screen: (row) => `/customers/${String(row.id)}`,
  },
  {
    record: 'contact',
    icon: iconPerson,
    number: '',
    name: 'name',
    also: ['phone', 'job_title', 'customer_id'],
    screen: withinCustomer,
  },
  {
    record: 'terminal',
    icon: iconPlace,
    number: '',
    name: 'name',
    also: ['address', 'phone', 'customer_id'],
    screen: withinCustomer,
  },
  {
    record: 'customer_department',
    icon: iconTeam,
    number: '',
    name: 'name',
    also: ['contact', 'phone', 'customer_id'],
    screen: withinCustomer,
  },
  {
    record: 'opportunity',
    icon: iconStage,
    number: '',
    name: 'name',
    also: ['customer_id', 'expected_amount', 'state'],
    screen: (row) => `/customers/${String(row.customer_id)}/opportunities/${String(row.id)}`,
  },
  {
    record: 'trial_account',
    icon: iconLogins,
    number: 'login_name',
    name: 'name',
    also: ['login_name', 'customer_id', 'state'],
    screen: (row) => `/trial-accounts/${String(row.id)}`,
  },
  {
    record: 'contact_record',
    icon: iconCall,
    number: '',
    name: '',
    also: ['customer_id', 'contacted_at', 'clerk_id'],
    screen: (row) => `/customers/${String(row.customer_id)}?tab=records`,
  },
  {
    record: 'complaint',
    icon: iconComplaint,
    number: '',
    name: '',
    also: ['customer_id', 'kind_id', 'state'],
    screen: (row) => `/complaints/${String(row.id)}`,
  },
  {
    record: 'own_row',
    icon: iconList,
    number: '',
    name: 'title',
    also: ['table_id', 'customer_id'],
    screen: (row) => `/tables/${String(row.table_id)}/${String(row.id)}`,
    anySize: true,
  },
  {
    record: 'order',
    icon: iconOrders,
    number: 'order_no',
    name: '',
    also: ['customer_id', 'payable', 'state'],
    screen: (row) => `/orders/${String(row.id)}`,
  },
  {
    record: 'visit',
    icon: iconToday,
    number: '',
    name: '',
    also: ['checked_in_at', 'visitor_id', 'state'],
    screen: (row) => `/visits/${String(row.id)}`,
  },
  {
    record: 'product',
    icon: iconProducts,
    number: 'product_no',
    name: 'name',
    also: ['product_no', 'spec_text', 'price'],
    screen: () => null,
  },
  {
    record: 'employee',
    icon: iconPeople,
    number: 'username',
    name: 'real_name',
    also: ['username', 'mobile', 'department_id'],
    screen: () => null,
  },
  {
    record: 'work_report',
    icon: iconReport,
    number: '',
    name: '',
    also: ['kind', 'author_id', 'submitted_at'],
    screen: (row) => `/worklogs/${String(row.id)}`,
  },
  {
    record: 'approval',
    icon: iconApprove,
    number: '',
    name: 'title',
    also: ['state', 'requester_id', 'created_at'],
    screen: (row) => `/approvals/${String(row.id)}`,
  },
  {
    record: 'mail',
    icon: iconMail,
    number: '',
    name: 'subject',
    also: ['customer_id', 'recipients', 'sent_at'],
    screen: (row) => `/customers/${String(row.customer_id)}?tab=records`,
  },
  {
    record: 'notice',
    icon: iconNotice,
    number: '',
    name: 'title',
    also: ['publisher_id', 'published_at', 'state'],
    screen: (row) => `/notices/${String(row.id)}`,
    anySize: true,
  },
  {
    record: 'schedule_entry',
    icon: iconSchedule,
    number: '',
    name: 'title',
    also: ['person_id', 'start_at', 'place'],
    screen: (row) => `/schedule?entry=${String(row.id)}`,
    anySize: true,
  },
]
