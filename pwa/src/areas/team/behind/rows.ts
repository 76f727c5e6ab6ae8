/** How a row behind a number reads: the same few places for every record. */
import type { RouteLocationRaw } from 'vue-router'
import { i18n } from '@/app/i18n'
import { clock, dateTime, dayOf, distance, duration, shortDate } from '@/ui/format'
import type { Customer } from '../../customers/types'
import { addressOf } from '../../customers/words'
import { choiceLabel, fieldLabel } from '@/ui/labels'
import { receiptName, receiptPath } from '../../orders/receipts'
import { markOf, type Mark } from '../map/cluster'
import { verdictOf, type Page } from '../types'

type Any = Record<string, unknown> & { id: string; verdict?: string; overruled_to?: string | null }

export interface ReadRow {
  id: string
  /** At the left, small: when. */
  when: string
  title: string
  /** Below the title. */
  text: string[]
  /** At the right, in decimal text. */
  amount?: string
  word?: string
  mark?: Mark
  /** A photo whose small picture stands at the left. */
  photo?: string
  to?: RouteLocationRaw
  customer?: string
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '')

/** The record a list path is of: `/api/work-reports` → `work_report`. */
export const recordOf = (path: string): string => path.replace('/api/', '').replaceAll('-', '_').replace(/s$/, '')

export function reader(
  page: Page<Any>,
  person: (id: unknown) => string,
  kind: (photo: Any) => string,
  /** How a moment reads: of one day the hour is enough. */
  moment: (at: string) => string = clock,
): (record: string, row: Any) => ReadRow {
  const { t } = i18n.global
  const customer = (row: Any) => page.refs.customer?.[text(row.customer_id)] ?? '–'
  const time = (value: unknown) => (text(value) ? moment(text(value)) : '')
  const near = (value: unknown) => (typeof value === 'number' ? t('team.away', { distance: distance(value) }) : '')

  const readers: Record<string, (row: Any) => ReadRow> = {
    visit: (row) => ({
      id: row.id,
      when: time(row.checked_in_at) || shortDate(text(row.planned_on)),
      title: customer(row),
      text: [
        person(row.visitor_id),
        typeof row.duration_seconds === 'number' ? duration(row.duration_seconds / 60) : '',
        near(row.distance),
        row.photo_count ? t('team.n_photos', { n: row.photo_count }) : '',
        row.missing_photos ? t('team.photos_missing', { n: row.missing_photos }) : '',
        row.state === 'done' ? '' : choiceLabel('visit', 'state', text(row.state)),
      ],
      word: choiceLabel('visit', 'evidence', text(row.evidence)),
      mark: markOf(text(row.evidence)),
      to: {
        path: `/team/people/${text(row.visitor_id)}`,
        query: {
          day: text(row.checked_in_at) ? dayOf(text(row.checked_in_at)) : text(row.planned_on),
          visit: row.id,
        },
      },
    }),
    customer: (row) => ({
      id: row.id,
      when: time(row.filed_at),
      title: text(row.name),
      text: [person(row.owner_id), addressOf(row as unknown as Customer), text(row.mobile)],
      word: text(row.customer_no),
      customer: row.id,
    }),
    contact_record: (row) => ({
      id: row.id,
      when: time(row.contacted_at),
      title: customer(row),
      text: [person(row.clerk_id), text(row.content)],
      word: choiceLabel('contact_record', 'kind', text(row.kind)),
      customer: text(row.customer_id),
    }),
    opportunity: (row) => ({
      id: row.id,
      when: time(row.created_at),
      title: text(row.name),
      text: [customer(row), person(row.owner_id), text(row.close_reason)],
      amount: text(row.expected_amount) || undefined,
      word: choiceLabel('opportunity', 'state', text(row.state)),
      customer: text(row.customer_id),
    }),
    complaint: (row) => ({
      id: row.id,
      when: time(row.reported_at),
      title: customer(row),
      text: [person(row.handler_id), text(row.content), text(row.answer)],
      word: choiceLabel('complaint', 'state', text(row.state)),
      to: `/complaints/${row.id}`,
    }),
    trial_account: (row) => ({
      id: row.id,
      when: time(row.created_at),
      title: text(row.name),
      text: [customer(row), person(row.owner_id), text(row.remark)],
      word: choiceLabel('trial_account', 'state', text(row.state)),
      to: `/trial-accounts/${row.id}`,
    }),
    order: (row) => ({
      id: row.id,
      when: time(row.ordered_at),
      title: customer(row),
      text: [
        text(row.order_no),
        person(row.clerk_id),
        row.hold_reason ? choiceLabel('order', 'hold_reason', text(row.hold_reason)) : '',
      ],
      amount: text(row.payable),
      word: choiceLabel('order', 'state', text(row.state)),
      to: `/review/orders/${row.id}`,
    }),
    payment: (row) => ({
      id: row.id,
      when: time(row.paid_at),
      title: customer(row),
      text: [
        person(row.operator_id),
        receiptName(row, ''),
        page.refs.order?.[text(row.order_id)] ?? '',
        text(row.remark),
      ],
      amount: text(row.amount),
      word: t(row.booked_at ? 'team.booked' : 'team.not_booked'),
      to: receiptPath(row, '/review/orders'),
    }),
    work_report: (row) => ({
      id: row.id,
      when: row.submitted_at ? dateTime(text(row.submitted_at)) : '',
      title: person(row.author_id),
      text: [text(row.summary)],
      word: row.comment_count ? t('team.n_comments', { n: row.comment_count }) : t('team.no_comment'),
      to: { path: '/review/reports', query: { id: row.id } },
    }),
    approval: (row) => ({
      id: row.id,
      when: time(row.created_at),
      title: text(row.title),
      text: [person(row.requester_id), text(row.reason)],
      word: choiceLabel('approval', 'state', text(row.state)),
      to: `/approvals/${row.id}`,
    }),
    photo: (row) => ({
      id: row.id,
      when: time(row.taken_at),
      title: customer(row),
      text: [
        person(row.taken_by),
        kind(row),
        near(row.distance),
        row.withdrawn_at ? fieldLabel('photo', 'withdrawn_at') : '',
      ],
      word: choiceLabel('photo', 'verdict', verdictOf(row)),
      mark: markOf(verdictOf(row)),
      photo: row.id,
      to: `/review/photos/${row.id}`,
    }),
  }
  return (record, row) => {
    const read = readers[record]?.(row) ?? { id: row.id, when: '', title: row.id, text: [] }
    return { ...read, text: read.text.filter((part) => part !== '') }
  }
}
