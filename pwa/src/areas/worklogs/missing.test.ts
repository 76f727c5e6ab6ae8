import { afterAll, expect, it } from 'vitest'
import { setTimeZone } from '@/ui/format'
import { unreported } from './missing'

setTimeZone('Asia/Shanghai')
afterAll(() => setTimeZone(undefined))
const row = (id: string, values: Record<string, unknown>) => ({ id, rev: 1, root: '', ...values })
const visit = (checked_in_at: string | null, visitor_id = 'li') =>
  row(`v${checked_in_at}`, { visitor_id, checked_in_at })
const report = (report_date: string, more: Record<string, unknown> = {}) =>
  row(`r${report_date}`, { author_id: 'li', kind: 'day', report_date, ...more })

it('a day with visits and without a report waits for one, the latest first', () => {
  const visits = [
    visit('2026-11-18T02:00:00Z'),
    visit('2026-11-19T02:00:00Z'),
    visit('2026-11-19T05:00:00Z'),
    visit('2026-11-20T16:30:00Z'), // the 21st at the company
    visit('2026-11-17T02:00:00Z', 'zhao'),
    visit(null),
  ]
  expect(unreported(visits, [report('2026-11-18')], 'li', '2026-11-22')).toEqual(['2026-11-21', '2026-11-19'])
  // One of another kind, of somebody else or deleted is none.
  const none = [report('2026-11-18', { kind: 'week' }), report('2026-11-19', { deleted_at: '2026-11-20T00:00:00Z' })]
  expect(unreported(visits, none, 'li', '2026-11-22')).toEqual(['2026-11-21', '2026-11-19', '2026-11-18'])
})

it('today is not over, and what is older than a week is past', () => {
  expect(unreported([visit('2026-11-22T02:00:00Z')], [], 'li', '2026-11-22')).toEqual([])
  expect(unreported([visit('2026-11-15T02:00:00Z')], [], 'li', '2026-11-22')).toEqual(['2026-11-15'])
  expect(unreported([visit('2026-11-14T02:00:00Z')], [], 'li', '2026-11-22')).toEqual([])
})
