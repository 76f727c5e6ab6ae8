/** Everything that happened with a customer, newest first. */
import type { Row } from '@/sync/types'

export type TimelineKind =
  | 'visit'
  | 'contact_record'
  | 'call_report'
  | 'opportunity'
  | 'trial_account'
  | 'complaint'
  | 'order'
  | 'payment'
  | 'attachment'
  | 'made'

export interface TimelineItem {
  kind: TimelineKind
  id: string
  /** An opportunity that was won or lost then, a complaint that was answered; when it came it has a line of its own. */
  closed?: boolean
  /** A trial account that was opened then; when it was asked for it has a line of its own. */
  opened?: boolean
  /** UTC, or a day for a planned visit. */
  at: string
  row: Row
}

const text = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null)

export function timelineOf(
  customer: Row,
  parts: {
    visits: readonly Row[]
    records: readonly Row[]
    reports: readonly Row[]
    opportunities: readonly Row[]
    trials: readonly Row[]
    complaints: readonly Row[]
    orders: readonly Row[]
    payments: readonly Row[]
    documents: readonly Row[]
  },
): TimelineItem[] {
  const items: TimelineItem[] = []
  for (const row of parts.visits) {
    if (row.state === 'dropped') continue
    const at = text(row.checked_in_at) ?? text(row.planned_on) ?? text(row.created_at)
    if (at) items.push({ kind: 'visit', id: row.id, at, row })
  }
  for (const row of parts.records) {
    const at = text(row.contacted_at)
    if (at) items.push({ kind: 'contact_record', id: row.id, at, row })
  }
  for (const row of parts.reports) {
    const at = text(row.reported_at)
    if (at) items.push({ kind: 'call_report', id: row.id, at, row })
  }
  for (const row of parts.opportunities) {
    const [caught, closed] = [text(row.created_at), text(row.closed_at)]
    if (caught) items.push({ kind: 'opportunity', id: row.id, at: caught, row })
    if (closed) items.push({ kind: 'opportunity', id: row.id, closed: true, at: closed, row })
  }
  for (const row of parts.trials) {
    const [asked, opened] = [text(row.created_at), text(row.opened_at)]
    if (asked) items.push({ kind: 'trial_account', id: row.id, at: asked, row })
    if (opened) items.push({ kind: 'trial_account', id: row.id, opened: true, at: opened, row })
  }
  for (const row of parts.complaints) {
    const [came, answered] = [text(row.reported_at) ?? text(row.created_at), text(row.answered_at)]
    if (came) items.push({ kind: 'complaint', id: row.id, at: came, row })
    if (answered) items.push({ kind: 'complaint', id: row.id, closed: true, at: answered, row })
  }
  for (const row of parts.orders) {
    const at = text(row.ordered_at) ?? text(row.created_at)
    if (at) items.push({ kind: 'order', id: row.id, at, row })
  }
  for (const row of parts.payments) {
    const at = text(row.paid_at) ?? text(row.created_at)
    if (at) items.push({ kind: 'payment', id: row.id, at, row })
  }
  for (const row of parts.documents) {
    const at = text(row.created_at)
    if (at && !row.deleted_at) items.push({ kind: 'attachment', id: row.id, at, row })
  }
  const made = text(customer.created_at)
  if (made) items.push({ kind: 'made', id: customer.id, at: made, row: customer })
  return items.sort((a, b) => (a.at < b.at ? 1 : a.at > b.at ? -1 : 0))
}
