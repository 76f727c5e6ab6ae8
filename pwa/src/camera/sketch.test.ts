// @vitest-environment node
import { describe, expect, it } from 'vitest'
import { distanceBetween, sketch } from './sketch'

const shop = { lat: 36.0671, lng: 120.3826, radius: 300 }
const at = (lat: number, lng: number, accuracy: number, second: number) => ({
  lat,
  lng,
  accuracy,
  at: `2026-11-21T08:00:0${second}.000Z`,
})

it('measures distances on the ground', () => {
  expect(distanceBetween(shop, { lat: 36.0681, lng: 120.3826 })).toBeCloseTo(111.2, 1)
  // Beijing to Shanghai, city centres: 1,067 km
  expect(distanceBetween({ lat: 39.9042, lng: 116.4074 }, { lat: 31.2304, lng: 121.4737 }) / 1000).toBeCloseTo(
    1067,
    -1,
  )
})

describe('the sketch', () => {
  it('has north up, east right, and the geofence and me inside the sheet', () => {
    const me = at(36.0701, 120.3866, 15, 1)
    const drawn = sketch(shop, [me], me, 320, 200)!
    const [point] = drawn.samples
    expect(point!.x).toBeGreaterThan(drawn.customer!.x)
    expect(point!.y).toBeLessThan(drawn.customer!.y)
    expect(drawn.distance).toBeCloseTo(distanceBetween(shop, me))
    for (const circle of [drawn.customer!, point!]) {
      expect(circle.x - circle.r).toBeGreaterThanOrEqual(0)
      expect(circle.x + circle.r).toBeLessThanOrEqual(320)
      expect(circle.y - circle.r).toBeGreaterThanOrEqual(0)
      expect(circle.y + circle.r).toBeLessThanOrEqual(200)
    }
  })

  it('shows every sample and marks the best', () => {
    const best = at(36.0672, 120.3827, 8, 2)
    const drawn = sketch(shop, [at(36.068, 120.383, 60, 1), best], best, 320, 200)!
    expect(drawn.samples.map((sample) => sample.best)).toEqual([false, true])
  })

  it('keeps a readable scale beside a cell tower of five kilometres', () => {
    const tower = at(36.0671, 120.3826, 5_000, 1)
    expect(sketch(shop, [tower], tower, 320, 200)!.customer!.r).toBeGreaterThan(60)
  })

  it('works for a customer without a place, and for a place without a fix', () => {
    const me = at(36.07, 120.38, 15, 1)
    expect(sketch(null, [me], me, 320, 200)).toMatchObject({ customer: null, distance: null })
    expect(sketch(shop, [], null, 320, 200)).toMatchObject({ samples: [], distance: null })
    expect(sketch(null, [], null, 320, 200)).toBeNull()
  })

  it('has a scale bar of a round number', () => {
    const me = at(36.07, 120.38, 15, 1)
    expect([1, 2, 5]).toContain(Number(String(sketch(shop, [me], me, 320, 200)!.scale.metres)[0]))
  })
})
