import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { distanceBetween, type Place } from '@/camera/sketch'
import { bestPlaceFor, onTheWay, orderStops, wayLength, type Stop } from './route'

const place = fc.record({
  lat: fc.double({ min: 35.9, max: 36.4, noNaN: true }),
  lng: fc.double({ min: 120.1, max: 120.7, noNaN: true }),
})
const stops = (most: number) =>
  fc
    .array(place, { minLength: 1, maxLength: most })
    .map((all) => all.map((one, n): Stop => ({ ...one, id: `s${n}` })))
const start = fc.option(place)

function* orders<T>(all: readonly T[]): Generator<T[]> {
  if (all.length === 0) yield []
  for (const [n, first] of all.entries())
    for (const rest of orders([...all.slice(0, n), ...all.slice(n + 1)])) yield [first, ...rest]
}
/** The shortest way there is, by trying every order. */
function shortest(from: Place | null, all: readonly Stop[]): number {
  let best = Infinity
  for (const order of orders(all)) best = Math.min(best, wayLength(from, order))
  return best
}

describe('the order of a day', () => {
  it('is close to the best there is, and goes to everybody once', () => {
    fc.assert(
      fc.property(start, stops(6), (from, all) => {
        const way = orderStops(from, all)
        expect(way.map(({ id }) => id).sort()).toEqual(all.map(({ id }) => id).sort())
        const best = shortest(from, all)
        expect(wayLength(from, way)).toBeGreaterThanOrEqual(best - 0.001)
        expect(wayLength(from, way)).toBeLessThanOrEqual(best * 1.15 + 0.001)
      }),
      { numRuns: 120 },
    )
  })

  it('is the best there is on nine days out of ten', () => {
    const days = fc.sample(fc.tuple(start, stops(6)), { numRuns: 150, seed: 7 })
    const perfect = days.filter(
      ([from, all]) => wayLength(from, orderStops(from, all)) <= shortest(from, all) + 0.001,
    )
    expect(perfect.length).toBeGreaterThanOrEqual(135)
  })

  it('does not depend on the order in which the visits were planned', () => {
    fc.assert(
      fc.property(start, stops(14), (from, all) => {
        const there = orderStops(from, all).map(({ id }) => id)
        expect(orderStops(from, [...all].reverse()).map(({ id }) => id)).toEqual(there)
      }),
      { numRuns: 60 },
    )
  })

  it('leaves no stretch that is shorter the other way round', () => {
    fc.assert(
      fc.property(start, stops(16), (from, all) => {
        const way = orderStops(from, all)
        const metres = wayLength(from, way)
        for (let i = 0; i < way.length; i += 1)
          for (let j = i + 1; j < way.length; j += 1) {
            const turned = [...way.slice(0, i), ...way.slice(i, j + 1).reverse(), ...way.slice(j + 1)]
            expect(wayLength(from, turned)).toBeGreaterThan(metres - 0.001)
          }
      }),
      { numRuns: 60 },
    )
  })

  it('goes along a street from its end, wherever the phone is unknown', () => {
    const street = [3, 0, 4, 1, 2].map((n): Stop => ({ id: `s${n}`, lat: 36, lng: 120 + n / 100 }))
    expect(orderStops(null, street).map(({ id }) => id)).toEqual(['s0', 's1', 's2', 's3', 's4'])
    expect(orderStops({ lat: 36, lng: 120.05 }, street).map(({ id }) => id)).toEqual(['s4', 's3', 's2', 's1', 's0'])
    expect(orderStops(null, [])).toEqual([])
  })

  it('of sixty visits takes a moment', () => {
    const many = fc.sample(place, { numRuns: 60, seed: 3 }).map((one, n): Stop => ({ ...one, id: `s${n}` }))
    const began = performance.now()
    expect(orderStops(null, many)).toHaveLength(60)
    expect(performance.now() - began).toBeLessThan(3000)
  })
})

describe('on the way', () => {
  it('a further visit stands where it lengthens the way least', () => {
    fc.assert(
      fc.property(start, stops(7), place, (from, way, further) => {
        const { at, detour } = bestPlaceFor(from, way, further)
        const lengths = Array.from({ length: way.length + 1 }, (_, n) =>
          wayLength(from, [...way.slice(0, n), further, ...way.slice(n)]),
        )
        expect(lengths[at]).toBeCloseTo(Math.min(...lengths), 3)
        expect(detour).toBeCloseTo(lengths[at]! - wayLength(from, way), 3)
      }),
    )
  })

  it('are those whose detour is small enough, the smallest first', () => {
    fc.assert(
      fc.property(start, stops(5), stops(12), fc.integer({ min: 0, max: 20_000 }), (from, way, others, most) => {
        const found = onTheWay(from, way, others, most)
        const by = others.filter((one) => bestPlaceFor(from, way, one).detour <= most)
        expect(new Set(found.map(({ stop }) => stop.id))).toEqual(new Set(by.map(({ id }) => id)))
        for (const [n, one] of found.entries())
          if (n > 0) expect(one.detour).toBeGreaterThanOrEqual(found[n - 1]!.detour)
      }),
    )
  })

  it('nobody is, where there is neither a way nor a place to start from', () => {
    expect(onTheWay(null, [], [{ id: 'a', lat: 36, lng: 120 }], 5000)).toEqual([])
  })

  it('a shop at the end is reached without a way back', () => {
    const way = [{ lat: 36, lng: 120 }, { lat: 36, lng: 120.1 }] // prettier-ignore
    const further = { lat: 36, lng: 120.12 }
    expect(bestPlaceFor(null, way, further)).toEqual({ at: 2, detour: distanceBetween(way[1]!, further) })
  })
})
