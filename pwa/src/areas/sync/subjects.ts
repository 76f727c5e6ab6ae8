/** What an op is about, by name: the customer, the order's number, the day of a report. */
import type { OutboxOp } from '@/sync/types'
import { useCustomers } from '../customers/directory'
import { useTable } from '../tables'

const text = (value: unknown): string => (typeof value === 'string' ? value : '')

export function useSubjects(): (op: OutboxOp) => string {
  const { nameOf } = useCustomers()
  const orders = useTable('order')
  return (op) => {
    const { args, about } = op
    if (about?.label) return about.label
    const values = (args.values ?? {}) as Record<string, unknown>
    const order = orders.value?.get(text(args.order_id) || (about?.type === 'order' ? about.id : ''))
    const root = about?.root?.startsWith('customer:') ? about.root.slice('customer:'.length) : ''
    return (
      text(values.name) ||
      nameOf(args.customer_id) ||
      nameOf(values.customer_id) ||
      nameOf(order?.customer_id) ||
      nameOf(about?.type === 'customer' ? about.id : root) ||
      text(args.report_date)
    )
  }
}

/** Where to look at what an op is about; null where there is nothing to see. */
export function placeOf(op: OutboxOp): string | null {
  const { about, args } = op
  switch (about?.type) {
    case 'customer':
      return `/customers/${about.id}`
    case 'visit':
      return `/visits/${about.id}`
    case 'order':
      return `/orders/${about.id}`
    case 'work_report':
      return `/worklogs/${about.id}`
    case 'target':
      return `/targets/${about.id}`
    case 'approval':
      return `/approvals/${about.id}`
    case 'payment':
      return typeof args.order_id === 'string' ? `/orders/${args.order_id}` : null
    case 'photo':
      return typeof args.visit_id === 'string' ? `/visits/${args.visit_id}` : null
    default:
      return about?.root?.startsWith('customer:') ? `/customers/${about.root.slice('customer:'.length)}` : null
  }
}
