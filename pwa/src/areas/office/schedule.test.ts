// @vitest-environment happy-dom
import { beforeAll, describe, expect, it } from 'vitest'
import { setTimeZone } from '@/ui/format'
import { byDay, daysOf, hoursOn, momentAt, peopleWithin, stepped, weeksOf, type Entry } from './schedule'

beforeAll(() => setTimeZone('Asia/Shanghai'))

const entry = (id: string, start: string, end: string, all_day = false): Entry => ({
  id,
  rev: 1,
  root: 'employee:me',
  person_id: 'me',
  title: id,
  all_day,
  start_at: momentAt(...(start.split(' ') as [string, string])),
  end_at: momentAt(...(end.split(' ') as [string, string])),
  place: null,
  customer_id: null,
  note: null,
  remind_before: null,
})

describe('the grid of a month', () => {
  it('is whole weeks from Monday, as many as the month needs', () => {
    const november = weeksOf('month', '2026-11-29')
    expect(november).toHaveLength(6)
    expect([november[0]![0], november.at(-1)!.at(-1)]).toEqual(['2026-10-26', '2026-12-06'])
    // A February that begins on a Monday needs four.
    expect(weeksOf('month', '2027-02-10').map((week) => week[0])).toEqual([
      '2027-02-01',
      '2027-02-08',
      '2027-02-15',
      '2027-02-22',
    ])
    expect(weeksOf('week', '2026-11-29')).toEqual([weeksOf('month', '2026-11-29')[4]])
    expect(weeksOf('day', '2026-11-29')).toEqual([['2026-11-29']])
  })

  it('steps to the same day, or the last of a shorter month', () => {
    expect(stepped('month', '2027-01-31', 1)).toBe('2027-02-28')
    expect(stepped('month', '2027-01-15', -1)).toBe('2026-12-15')
    expect(stepped('week', '2026-12-30', 1)).toBe('2027-01-06')
    expect(stepped('day', '2026-11-01', -1)).toBe('2026-10-31')
  })
})

describe('what lies on a day', () => {
  it('has the company’s days, wherever the device is', () => {
    expect(momentAt('2026-11-29')).toBe('2026-11-28T16:00:00.000Z')
    expect(momentAt('2026-11-29', '09:30')).toBe('2026-11-29T01:30:00.000Z')
    setTimeZone('Europe/Berlin') // the night in which the clocks go back
    expect(momentAt('2026-10-25')).toBe('2026-10-24T22:00:00.000Z')
    expect(momentAt('2026-10-26')).toBe('2026-10-25T23:00:00.000Z')
    setTimeZone('Asia/Shanghai')
  })

  it('is over with the day before where it ends at midnight', () => {
    expect(daysOf(entry('fair', '2026-11-30 00:00', '2026-12-02 00:00', true))).toEqual(['2026-11-30', '2026-12-01'])
    expect(daysOf(entry('dinner', '2026-11-30 20:00', '2026-12-01 00:00'))).toEqual(['2026-11-30', '2026-11-30'])
  })

  it('stands on each of its days, all-day ones first, and no further than is looked at', () => {
    const meeting = entry('meeting', '2026-11-30 14:00', '2026-11-30 15:30')
    const early = entry('early', '2026-11-30 08:30', '2026-11-30 09:00')
    const fair = entry('fair', '2026-11-28 00:00', '2026-12-03 00:00', true)
    const night = entry('night', '2026-11-30 22:00', '2026-12-01 06:00')
    const days = byDay([meeting, night, early, fair], '2026-11-30', '2026-12-01')
    expect([...days.keys()].sort()).toEqual(['2026-11-30', '2026-12-01'])
    expect(days.get('2026-11-30')!.map(({ id }) => id)).toEqual(['fair', 'early', 'meeting', 'night'])
    expect(days.get('2026-12-01')!.map(({ id }) => id)).toEqual(['fair', 'night'])
    expect(hoursOn(meeting, '2026-11-30')).toBe('14:00 – 15:30')
    expect(hoursOn(night, '2026-11-30')).toBe('22:00 –')
    expect(hoursOn(night, '2026-12-01')).toBe('– 06:00')
    expect(hoursOn(fair, '2026-11-30')).toBe('')
  })
})

it('offers whom one leads, through others too, and nobody for ever', () => {
  const person = (id: string, supervisor_id: string | null, more = {}) => ({
    id,
    rev: 1,
    root: 'company',
    supervisor_id,
    ...more,
  })
  const people = new Map(
    [
      person('boss', null),
      person('me', 'boss'),
      person('li', 'me'),
      person('wang', 'li'),
      person('gone', 'me', { status: 'disabled' }),
      person('a', 'b'),
      person('b', 'a'),
    ].map((one) => [one.id, one]),
  )
  expect(peopleWithin('subordinates', 'me', people).map(({ id }) => id)).toEqual(['li', 'wang'])
  expect(peopleWithin('own', 'me', people)).toEqual([])
  expect(peopleWithin('all', 'me', people)).toHaveLength(5)
})
