import { describe, expect, it } from 'vitest'
import { completeField } from './declarations'
import { daysIn, isSolarDay } from './lunar'
import { complaint } from './validate'

describe('days of the lunar calendar', () => {
  // The same years as tests/notifications/test_kinds.py.
  it('are as many as the month of that year has, the leap month after it counted', () => {
    expect([daysIn(1990, 2, 'lunar'), daysIn(1988, 2, 'lunar')]).toEqual([30, 29])
    expect([daysIn(2025, 6, 'lunar'), daysIn(2025, 6, 'lunar_leap')]).toEqual([30, 29])
    expect([daysIn(2025, 7, 'lunar'), daysIn(2025, 12, 'lunar')]).toEqual([30, 29])
  })

  it('are 30 where the year is not known yet', () => {
    expect([daysIn(0, 2, 'lunar'), daysIn(19, 0, 'lunar_leap'), daysIn(2101, 2, 'lunar')]).toEqual([30, 30, 30])
  })

  it('are no days of a date input where ours has none', () => {
    expect(['1990-02-28', '1990-02-30', '1990-02-', ''].map(isSolarDay)).toEqual([true, false, false, false])
  })

  it('are not sent while a part of them lacks', () => {
    const field = completeField({ name: 'birthday', kind: 'date', calendar: 'birth_calendar' })
    expect(complaint(field, '1990-02-')).toEqual({ key: 'day_unfinished' })
    expect(complaint(field, '1990-02-30')).toBeNull()
  })
})
