/** The work lists of orders: a name in the address, and the filter it stands for. */
import type { ListQuery } from '@/api/records'

export const tabs = ['pending', 'held', 'picking', 'shipped', 'completed', 'cancelled', 'all'] as const
export type Tab = (typeof tabs)[number]

export const tabOf = (text: unknown): Tab => tabs.find((tab) => tab === text) ?? 'pending'

export function filterOf(tab: Tab): ListQuery {
  switch (tab) {
    case 'pending':
      return { state: 'pending', hold_reason__empty: '1' }
    case 'held':
      return { state: 'pending', hold_reason__empty: '0' }
    case 'all':
      return {}
    default:
      return { state: tab }
  }
}
