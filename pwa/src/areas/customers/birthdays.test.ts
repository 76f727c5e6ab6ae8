import { describe, expect, it } from 'vitest'
import { celebratedOn } from './birthdays'

// The same days as tests/customers/test_lunar.py has from the observatory's tables.
describe('birthdays by the lunar calendar', () => {
  it.each([
    ['2026-02-17', ['01-01']],
    ['2026-09-25', ['08-15']],
    ['2027-02-06', ['01-01']],
    ['2030-02-03', ['01-01']],
    // A leap month has no birthdays of its own (2025 had the sixth month twice).
    ['2025-07-30', []],
    // The last day of a month of 29 days stands for the 30th, too.
    ['2026-02-16', ['12-29', '12-30']],
  ])('%s', (day, expected) => expect(celebratedOn(day, 'lunar')).toEqual(expected))
})

describe('birthdays by the solar calendar', () => {
  it('are on the last of February where the year has no 29th', () => {
    expect(celebratedOn('2026-02-28', 'solar')).toEqual(['02-28', '02-29'])
    expect(celebratedOn('2028-02-28', 'solar')).toEqual(['02-28'])
    expect(celebratedOn('2028-02-29', 'solar')).toEqual(['02-29'])
  })
})
