import { describe, expect, it } from 'vitest'
import { addDays, today } from '@/ui/format'
import { celebratedOn, celebratesWithin } from './birthdays'

// The same days as tests/notifications/test_kinds.py has from the observatory's tables.
describe('birthdays by the lunar calendar', () => {
  it.each([
    ['2026-02-17', ['01-01']],
    ['2026-09-25', ['08-15']],
    ['2027-02-06', ['01-01']],
    ['2030-02-03', ['01-01']],
    // A leap month has no birthdays of its own (2025 had the sixth month twice).
    ['2025-07-30', []],
    // The last day of a month stands for those that it does not have: the 30th, and what a phone may have sent.
    ['2026-02-16', ['12-29', '12-30', '12-31']],
    ['2026-04-16', ['02-29', '02-30', '02-31']],
  ])('%s', (day, expected) => expect(celebratedOn(day, 'lunar')).toEqual(expected))
})

describe('birthdays by the solar calendar', () => {
  it('are on the last of February where the year has no 29th', () => {
    expect(celebratedOn('2026-02-28', 'solar')).toEqual(['02-28', '02-29', '02-30', '02-31'])
    expect(celebratedOn('2028-02-28', 'solar')).toEqual(['02-28'])
    expect(celebratedOn('2028-02-29', 'solar')).toEqual(['02-29', '02-30', '02-31'])
  })
})

describe('whose birthday is near', () => {
  it('is found by the calendar of each, also of who was born in a leap month', () => {
    const days = Array.from({ length: 31 }, (_, count) => addDays(today(), count))
    const lunar = days.flatMap((day) => celebratedOn(day, 'lunar'))[0]!
    const near = celebratesWithin(30)
    expect([near(`1987-${lunar}`, 'lunar'), near(`1987-${lunar}`, 'lunar_leap')]).toEqual([true, true])
    expect([near(`1987-${today().slice(5)}`, null), near(null, 'lunar')]).toEqual([true, false])
  })
})
