import { afterAll, describe, expect, it } from 'vitest'
import { setTimeZone } from '@/ui/format'
import { orderAmount, workOf } from './day'

setTimeZone('Asia/Shanghai')
afterAll(() => setTimeZone(undefined))

const row = (id: string, values: Record<string, unknown>) => ({ id, rev: 1, root: '', ...values })

describe("a day's work", () => {
  const rows = {
    visits: [
      row('late', { visitor_id: 'li', checked_in_at: '2026-11-21T08:00:00.000Z' }),
      row('early', { visitor_id: 'li', checked_in_at: '2026-11-20T16:30:00.000Z' }),
      row('yesterday', { visitor_id: 'li', checked_in_at: '2026-11-20T15:30:00.000Z' }),
      row('planned', { visitor_id: 'li', checked_in_at: null, planned_on: '2026-11-21' }),
      row('other', { visitor_id: 'zhao', checked_in_at: '2026-11-21T08:00:00.000Z' }),
    ],
    customers: [row('new', { created_by: 'li', filed_at: '2026-11-21T01:00:00.000Z' })],
    contacts: [
      row('said', { clerk_id: 'li', automatic: false, contacted_at: '2026-11-21T03:00:00.000Z' }),
      row('system', { clerk_id: 'li', automatic: true, contacted_at: '2026-11-21T03:00:00.000Z' }),
      row('theirs', { clerk_id: 'zhao', automatic: false, contacted_at: '2026-11-21T03:00:00.000Z' }),
    ],
    orders: [
      row('a', { clerk_id: 'li', state: 'pending', payable: '4210.00', ordered_at: '2026-11-21T02:00:00.000Z' }),
      row('b', { clerk_id: 'li', state: 'cancelled', payable: '99.00', ordered_at: '2026-11-21T02:00:00.000Z' }),
    ],
    payments: [],
  }
  const work = workOf('li', { start: '2026-11-21', end: '2026-11-21' }, rows)
  it("begins and ends with the company's day, and knows only one's own", () =>
    expect(work.visits.map((visit) => visit.id)).toEqual(['early', 'late']))
  it('is part of its week', () => {
    const week = workOf('li', { start: '2026-11-16', end: '2026-11-22' }, rows)
    expect(week.visits.map((visit) => visit.id)).toEqual(['yesterday', 'early', 'late'])
  })
  it('counts no cancelled order', () => expect(orderAmount(work)).toBe('4210.00'))
  it('counts what was said, without what the system wrote', () =>
    expect(work.contacts.map((one) => one.id)).toEqual(['said']))
  it('counts new customers', () => expect(work.customers).toHaveLength(1))
})
