import { describe, expect, it } from 'vitest'
import type { Visit } from '../visit'
import { byPlan, daysSince, moved, plannedOn } from './plan'

const visit = (id: string, plan_order: number | null, created_at: string, more: Partial<Visit> = {}) =>
  ({ id, plan_order, created_at, state: 'planned', planned_on: '2026-11-21', ...more }) as Visit

describe('the plan of a day', () => {
  it('is as arranged; what was planned later comes after, in the order of planning', () => {
    const all = [visit('new', null, '3'), visit('two', 2, '1'), visit('one', 1, '2'), visit('newer', null, '4')]
    expect([...all].sort(byPlan).map(({ id }) => id)).toEqual(['one', 'two', 'new', 'newer'])
  })

  it('has nothing that is begun, dropped or of another day', () => {
    const all = [
      visit('a', 1, '1', { state: 'open' }),
      visit('b', 2, '1', { state: 'dropped' }),
      visit('c', 3, '1', { planned_on: '2026-11-22' }),
      visit('d', 4, '1'),
    ]
    expect(plannedOn(all, '2026-11-21').map(({ id }) => id)).toEqual(['d'])
  })

  it('is moved one place at a time, and not over its ends', () => {
    expect(moved(['a', 'b', 'c'], 2, -1)).toEqual(['a', 'c', 'b'])
    expect(moved(['a', 'b', 'c'], 0, 1)).toEqual(['b', 'a', 'c'])
    expect(moved(['a', 'b'], 0, -1)).toEqual(['a', 'b'])
    expect(moved(['a', 'b'], 1, 1)).toEqual(['a', 'b'])
  })
})

it('days since a visit are whole ones', () => {
  const now = Date.parse('2026-11-21T12:00:00Z')
  expect(daysSince('2026-11-20T13:00:00Z', now)).toBe(0)
  expect(daysSince('2026-11-07T11:00:00Z', now)).toBe(14)
  expect(daysSince(null, now)).toBeNull()
})
