import { expect, it } from 'vitest'
import { change, drawn, listOf, written, type Answer } from './report'

it('numbers are written in the form of their kind', () => {
  expect(written('1234.5', 'money')).toBe('¥1,234.50')
  expect(written(0.256, 'part')).toBe('25.6%')
  expect(written(12345, 'count')).toBe('12,345')
  expect(written(null, 'money')).toBe('–')
})

it('a chart gets numbers, of moments nothing', () => {
  expect(drawn('12.50', 'money')).toBe(12.5)
  expect(drawn(0.256, 'part')).toBe(25.6)
  expect(drawn('2026-01-01T00:00:00Z', 'datetime')).toBe(0)
})

it('a change has a percentage only where there was something before', () => {
  expect(change(3, 2)).toBe(50)
  expect(change('0.00', '12.00')).toBe(-100)
  expect(change(3, 0)).toBeNull()
  expect(change(3, null)).toBeNull()
})

it('the list behind a number takes the narrower of two bounds from the row', () => {
  const report = {
    params: { filed_at__ge: '2026-01-01', filed_at__lt: '2027-01-01', enabled: 'true' },
  } as unknown as Answer
  const month = { filed_at__ge: '2026-02-01', filed_at__lt: '2026-03-01' }
  expect(listOf(report, month, { category_id: 'a' })).toEqual({ ...month, enabled: 'true', category_id: 'a' })
})
