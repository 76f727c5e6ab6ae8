import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Customer } from '../types'
import { boxOf, cellSize, cellsOf, extentOf, MAX_ZOOM } from './cells'

const shop = (id: string, lat: number | null, lng: number | null, more: Partial<Customer> = {}): Customer =>
  ({ id, name: id, rev: 1, root: `customer:${id}`, geo_lat: lat, geo_lng: lng, ...more }) as Customer
const world = { south: -90, north: 90, west: -180, east: 180 }

const places = fc.array(
  fc.record({
    lat: fc.double({ min: -89, max: 89, noNaN: true }),
    lng: fc.double({ min: -179, max: 179, noNaN: true }),
  }),
  { maxLength: 60 },
)

describe('customers in cells', () => {
  it('are together exactly if they stand in the same piece of the grid', () => {
    fc.assert(
      fc.property(places, fc.integer({ min: 0, max: MAX_ZOOM }), (all, zoom) => {
        const rows = all.map(({ lat, lng }, n) => shop(String(n), lat, lng))
        const cells = cellsOf([...rows, shop('nowhere', null, null)], zoom, world)
        expect(cells.reduce((sum, cell) => sum + cell.count, 0)).toBe(rows.length)
        const cellOf = new Map(cells.flatMap((cell) => cell.rows.map((row) => [row.id, cell] as const)))
        const { high, across } = cellSize(zoom)
        const number = (row: Customer) => [
          Math.floor((row.geo_lat! + 90) / high),
          Math.floor((row.geo_lng! + 180) / across),
        ]
        for (const a of rows)
          for (const b of rows)
            expect(cellOf.get(a.id) === cellOf.get(b.id)).toBe(String(number(a)) === String(number(b)))
        for (const cell of cells) {
          expect(cell.south).toBe(Math.min(...cell.rows.map((row) => row.geo_lat!)))
          expect(cell.east).toBe(Math.max(...cell.rows.map((row) => row.geo_lng!)))
        }
      }),
      { numRuns: 60 },
    )
  })

  it('of a view are those of whole cells, so that moving the map changes no number', () => {
    fc.assert(
      fc.property(places, fc.integer({ min: 3, max: 12 }), (all, zoom) => {
        const rows = all.map(({ lat, lng }, n) => shop(String(n), lat, lng))
        const whole = new Map(cellsOf(rows, zoom, world).map((cell) => [cell.id, cell.count]))
        const bounds = { south: 10.3, north: 40.7, west: 99.1, east: 123.9 }
        const seen = cellsOf(rows, zoom, boxOf({ bounds, zoom }, zoom))
        for (const cell of seen.filter((one) => one.north < bounds.north && one.east < bounds.east))
          expect(whole.get(cell.id)).toBe(cell.count)
        const inside = rows.filter(
          ({ geo_lat: lat, geo_lng: lng }) =>
            lat! >= bounds.south && lat! <= bounds.north && lng! >= bounds.west && lng! <= bounds.east,
        )
        const there = new Set(seen.flatMap((cell) => cell.rows.map((row) => row.id)))
        expect(inside.filter((row) => !there.has(row.id))).toEqual([])
      }),
      { numRuns: 60 },
    )
  })

  it('that stand alone have a name, and a mark of whether anybody was there', () => {
    const cells = cellsOf(
      [shop('a', 36, 120), shop('b', 31, 121, { last_visit_at: '2026-11-01T00:00:00.000Z' })],
      12,
      world,
    )
    expect(cells.map(({ name, mark }) => [name, mark])).toEqual([
      ['a', 'never'],
      ['b', 'visited'],
    ])
  })

  it('of ten thousand take a moment', () => {
    const rows = Array.from({ length: 10_000 }, (_, n) => shop(String(n), 20 + (n % 97) / 5, 100 + (n % 89) / 5))
    const began = performance.now()
    expect(cellsOf(rows, 8, world).length).toBeGreaterThan(100)
    expect(performance.now() - began).toBeLessThan(1000)
  })

  it('have corners', () => {
    expect(extentOf([shop('x', null, null)])).toBeNull()
    expect(extentOf([shop('a', 36, 120), shop('b', 31, 121)])).toEqual({ south: 31, north: 36, west: 120, east: 121 })
  })
})
