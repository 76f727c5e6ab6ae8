/** The quick views of the customer list (CU-32): a name in the address, and the filter it stands for. */
import type { ListQuery } from '@/api/records'
import { fieldNamed } from '@/ui/declarations'
import { addDays, today } from '@/ui/format'

export const views = ['all', 'mine', 'pool', 'debt', 'silent', 'due', 'doubles', 'disabled'] as const
export type View = (typeof views)[number]

/** Without those by what this person may not read. */
export const viewsOffered = (): View[] =>
  views.filter((view) => view !== 'debt' || fieldNamed('customer', 'debt_total') !== null)

export const viewOf = (text: unknown): View => viewsOffered().find((view) => view === text) ?? 'all'

const SILENT_DAYS = 30

export function filterOf(view: View, me: string): ListQuery {
  const startOf = (day: string) => new Date(`${day}T00:00:00`).toISOString()
  switch (view) {
    case 'mine':
      return { enabled: '1', owner_id: me }
    case 'pool':
      return { enabled: '1', owner_id__empty: '1' }
    case 'debt':
      return { enabled: '1', debt_total__ge: '0.01' }
    case 'silent':
      return { enabled: '1', last_visit_at__lt: startOf(addDays(today(), -SILENT_DAYS)) }
    case 'due':
      return { enabled: '1', next_contact_at__lt: startOf(addDays(today(), 1)) }
    case 'doubles':
      return { duplicate_of__empty: '0', merged_into__empty: '1' }
    case 'disabled':
      return { enabled: '0' }
    default:
      return { enabled: '1' }
  }
}
