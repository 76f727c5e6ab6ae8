import { describe, expect, it } from 'vitest'
import { counts, grouped, lines, matching, moved, photosOf, within, type Filter, type WallPhoto } from './wall'

const columns = [
  'id', 'customer_id', 'visit_id', 'kind', 'taken_by', 'taken_at', 'verdict', 'overruled_to', 'attention', 'withdrawn_at',
] // prettier-ignore
const row = (id: string, changes: Record<string, unknown> = {}) => {
  const values: Record<string, unknown> = {
    id,
    customer_id: 'wang',
    visit_id: 'visit',
    kind: 'shelf',
    taken_by: 'zhang',
    taken_at: '2026-11-21T02:00:00.000Z',
    verdict: 'verified',
    overruled_to: null,
    attention: 0,
    withdrawn_at: null,
    ...changes,
  }
  return columns.map((name) => values[name])
}
const all: Filter = { verdict: '', person: '', customer: '', kind: '' }
const photos = photosOf({
  columns,
  items: [
    row('a', { verdict: 'suspect', attention: 3, taken_by: 'li' }),
    row('b', { verdict: 'suspect', overruled_to: 'verified', customer_id: 'li-shop' }),
    row('c', { kind: 'storefront', taken_by: 'li' }),
    row('b', { verdict: 'suspect', attention: 3 }),
    row('d'),
  ],
  refs: {},
  next: null,
  total: 4,
})
const ids = (found: readonly WallPhoto[]) => found.map((photo) => photo.id).join('')
const named = (_: string, key: string) => key

describe('the wall', () => {
  it('shows a photo once, though it changed its place between two pages', () => {
    expect(ids(photos)).toBe('abcd')
  })

  it("counts a manager's word before the server's", () => {
    expect(ids(matching(photos, { ...all, verdict: 'verified' }))).toBe('bcd')
    expect(ids(matching(photos, { ...all, verdict: 'suspect' }))).toBe('a')
  })

  it('filters by all of it together, and says how many each other choice would show', () => {
    const filter = { ...all, person: 'li', verdict: 'suspect' }
    expect(ids(matching(photos, filter))).toBe('a')
    expect(Object.fromEntries(counts(photos, filter, 'verdict'))).toEqual({ suspect: 1, verified: 1 })
    expect(Object.fromEntries(counts(photos, filter, 'person'))).toEqual({ li: 1 })
  })

  it('puts people with suspect photos first and keeps the order of their photos', () => {
    const groups = grouped(photos, 'person', named)
    expect(groups.map((group) => [group.name, ids(group.photos), group.suspects])).toEqual([
      ['li', 'ac', 1],
      ['zhang', 'bd', 0],
    ])
    expect(grouped(photos, '', named)).toHaveLength(1)
    expect(grouped([], '', named)).toEqual([])
  })
})

describe('what lies where', () => {
  const groups = grouped(photos, 'person', named)
  const laid = lines(groups, 3, 100, 40)

  it('is a heading over its rows, one group below the other', () => {
    expect(laid.height).toBe(2 * 40 + 2 * 100)
    expect(laid.lines.map(({ head, top, from, to }) => [head, top, from, to])).toEqual([
      [true, 0, 0, 0],
      [false, 40, 0, 2],
      [true, 140, 2, 2],
      [false, 180, 2, 4],
    ])
    expect(lines(grouped(photos, '', named), 3, 100, 40).lines.map((line) => line.head)).toEqual([false, false])
  })

  it('is only what the screen shows, of however many', () => {
    expect(within(laid.lines, 150, 190).map((line) => line.top)).toEqual([140, 180])
    expect(within(laid.lines, 0, 1).map((line) => line.top)).toEqual([0])
    expect(within([], 0, 100)).toEqual([])
    const many = Array.from({ length: 5000 }, (_, n) => ({ ...photos[0]!, id: String(n) }))
    const wall = lines(grouped(many, '', named), 6, 160, 40)
    expect(wall.lines).toHaveLength(834)
    expect(within(wall.lines, 60_000, 60_900)).toHaveLength(6)
  })
})

describe('keys', () => {
  // 0 1 2 / 3 4 · heading · 5 6 7
  const many = Array.from({ length: 8 }, (_, n) => ({ ...photos[0]!, id: String(n), person: n < 5 ? 'a' : 'b' }))
  const { lines: wall } = lines(grouped(many, 'person', named), 3, 100, 40)

  it('go along and across the rows, over headings, and stop at the ends', () => {
    expect(moved(wall, 0, 'left', 2)).toBe(0)
    expect(moved(wall, 4, 'right', 2)).toBe(5)
    expect(moved(wall, 7, 'right', 2)).toBe(7)
    expect(moved(wall, 1, 'down', 2)).toBe(4)
    expect(moved(wall, 2, 'down', 2)).toBe(4) // the row below is shorter
    expect(moved(wall, 4, 'down', 2)).toBe(6)
    expect(moved(wall, 6, 'up', 2)).toBe(4)
    expect(moved(wall, 7, 'down', 2)).toBe(7)
  })

  it('turn pages and find both ends', () => {
    expect(moved(wall, 1, 'page-down', 2)).toBe(6)
    expect(moved(wall, 6, 'page-up', 5)).toBe(1)
    expect(moved(wall, 3, 'first', 2)).toBe(0)
    expect(moved(wall, 3, 'last', 2)).toBe(7)
    expect(moved([], 0, 'down', 2)).toBe(0)
  })
})
