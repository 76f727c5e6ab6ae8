/** What people are told of, in words, and where it leads. The kinds are the server's declarations. */
import { textOrNull } from '@/app/i18n'
import type { Layout } from '@/app/appearance'
import type { Row } from '@/sync/types'
import { declarations } from '@/ui/declarations'
import { dateTime, dayOf, shortDate } from '@/ui/format'
import { deskPath } from '@/ui/record/paths'

export interface Notification extends Row {
  kind: string
  record_type: string | null
  record_id: string | null
  args: Record<string, unknown> | null
  read_at: string | null
  created_at: string
}

/** `needs`: the permission of those it concerns. */
export interface KindDeclaration {
  push: boolean
  lead_days?: number
  at?: string
  needs?: string
}

export const kinds = (): Record<string, KindDeclaration> => declarations().notification_kinds

export const kindLabel = (kind: string): string => textOrNull(`notification.${kind}`) ?? kind

/** The sentence of a notification. As the server fills it: `…_at` is a moment, `…_on` a day. */
export function sentenceOf(row: Pick<Notification, 'kind' | 'args'>): string {
  const shown = Object.fromEntries(Object.entries(row.args ?? {}).map(([name, value]) => [name, word(name, value)]))
  return textOrNull(`notification.${row.kind}.text`, shown) ?? kindLabel(row.kind)
}

function word(name: string, value: unknown): string {
  if (value === null || value === undefined) return '–'
  if (typeof value === 'string' && name.endsWith('_at')) return dateTime(value)
  if (typeof value === 'string' && name.endsWith('_on')) return shortDate(value)
  return String(value)
}

type Place = { path: string; query?: Record<string, string> }

/** Kinds without a record of their own. */
const fixed: Record<string, string> = {
  'visit.none_today': '/today',
  'worklog.none_today': '/worklogs/today',
  'ops.kept': '/devices',
  'customer.imported': '/desk/imports',
  'webhook.given_up': '/desk/notifications',
  'alert.several': '/alerts',
}

/** Where a notification leads, or null where there is nothing to open. `held`: whether its record is on this device. */
export function placeOf(row: Notification, layout: Layout, held: boolean): Place | null {
  const { kind, record_type: type, record_id: id } = row
  const args = row.args ?? {}
  if (fixed[kind]) return { path: fixed[kind] }
  if (!type || !id) return null
  if (kind === 'visit.suspect' && typeof args.visitor_id === 'string') {
    const query: Record<string, string> = { visit: id }
    if (typeof args.begun_at === 'string') query.day = dayOf(args.begun_at)
    return { path: `/team/people/${args.visitor_id}`, query }
  }
  if (kind === 'worklog.submitted') return { path: '/review/reports', query: { id } }
  if (type === 'order' && !held && layout !== 'desk') return { path: `/review/orders/${id}` }
  if (type === 'schedule_entry') return { path: '/schedule', query: { entry: id } }
  if (type === 'conflict') return { path: layout === 'desk' ? `/desk/conflicts/${id}` : '/sync' }
  const own: Record<string, string> = {
    customer: '/customers',
    order: '/orders',
    visit: '/visits',
    work_report: '/worklogs',
    approval: '/approvals',
    target: '/targets',
    notice: '/notices',
    trial_account: '/trial-accounts',
    complaint: '/complaints',
  }
  if (own[type]) return { path: `${own[type]}/${id}` }
  return layout === 'desk' && declarations().records[type] ? { path: deskPath(type, id) } : null
}
