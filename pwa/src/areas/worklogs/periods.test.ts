import { describe, expect, it } from 'vitest'
import { isWritable, nameOf, periodOf } from './periods'

describe('the period of a report', () => {
  it.each([
    ['day', '2024-02-29', '2024-02-29'],
    ['week', '2024-02-26', '2024-03-03'],
    ['week_plan', '2024-02-26', '2024-03-03'],
    ['month', '2024-02-01', '2024-02-29'],
    ['quarter', '2024-01-01', '2024-03-31'],
    ['year_plan', '2024-01-01', '2024-12-31'],
  ])('is the same as the company reckons: %s', (kind, start, end) => {
    expect(periodOf(kind, '2024-02-29')).toEqual({ start, end })
    expect(periodOf(kind, start)).toEqual({ start, end })
    expect(periodOf(kind, end)).toEqual({ start, end })
  })
  it('has a neighbour on both sides, also over the end of a year', () => {
    expect(periodOf('week', '2024-12-31', 1)).toEqual({ start: '2025-01-06', end: '2025-01-12' })
    expect(periodOf('week', '2025-01-01', -1)).toEqual({ start: '2024-12-23', end: '2024-12-29' })
    expect(periodOf('quarter', '2024-12-31', 1)).toEqual({ start: '2025-01-01', end: '2025-03-31' })
  })
  it('has a name', () => {
    expect(nameOf('week', periodOf('week', '2019-01-02'))).toBe('2018-12-31 – 2019-01-06')
    expect(nameOf('quarter', periodOf('quarter', '2019-12-31'))).toBe('2019 Q4')
    expect(nameOf('month_plan', periodOf('month', '2019-12-31'))).toBe('2019-12')
  })
  it('is written when it has begun, a plan one period before', () => {
    const today = '2024-02-29'
    expect(isWritable('week', periodOf('week', today), today)).toBe(true)
    expect(isWritable('week', periodOf('week', today, 1), today)).toBe(false)
    expect(isWritable('week_plan', periodOf('week', today, 1), today)).toBe(true)
    expect(isWritable('week_plan', periodOf('week', today, 2), today)).toBe(false)
  })
})
