import { expect, it } from 'vitest'
import { actsOf, endsSoon, isOnline, stateOf } from './trials'

const open = { id: 't', state: 'open', ends_on: '2026-12-01' }

it('is over after its last day, also on a device that nobody could tell', () => {
  expect(stateOf(open, '2026-12-01')).toBe('open')
  expect(stateOf(open, '2026-12-02')).toBe('expired')
  expect([endsSoon(open, '2026-11-23'), endsSoon(open, '2026-11-24'), endsSoon(open, '2026-12-02')]).toEqual([
    false,
    true,
    false,
  ])
})

it('offers what its state allows', () => {
  expect(actsOf({ ...open, ends_on: '2999-01-01' })).toContain('password')
  expect(actsOf({ ...open, ends_on: '2000-01-01' })).toEqual(['extend', 'assign', 'close'])
  expect(actsOf({ id: 't', state: 'closed' })).toEqual(['restore'])
})

it('is online for a quarter of an hour after it was seen', () => {
  const seen = { id: 't', seen_at: '2026-11-29T08:00:00.000Z' }
  expect(isOnline(seen, Date.parse('2026-11-29T08:14:59Z'))).toBe(true)
  expect(isOnline(seen, Date.parse('2026-11-29T08:15:00Z'))).toBe(false)
})
