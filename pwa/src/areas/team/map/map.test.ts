import { describe, expect, it } from 'vitest'
import { distanceBetween } from '@/camera/sketch'
import { clusters, joined, markOf, readable, type Dot } from './cluster'
import { boundsOf, namesOf, graticule } from './grid'
import type { Cell } from './points'
import { BAIDU_METRE_ZOOM, fromBaidu, fromMap, tileSource, toBaidu, toMap } from './tiles'

const dot = (id: string, lng: number, mark: Dot['mark'] = 'verified'): Dot => ({ id, lat: 0, lng, mark, title: id })
const place = (one: Dot) => ({ x: one.lng, y: 0 })

describe('dots on the map', () => {
  it('that cover each other become one, and the doubtful one is what shows', () => {
    const found = clusters([dot('a', 0), dot('b', 10, 'suspect'), dot('c', 200)], place)
    expect(found.map((cluster) => cluster.dots.map((one) => one.id))).toEqual([['a', 'b'], ['c']])
    expect(found[0]?.mark).toBe('suspect')
  })

  it('without photos are neither good nor bad', () => {
    expect(markOf('none')).toBe('open')
    expect(markOf(undefined)).toBe('open')
    expect(markOf('suspect')).toBe('suspect')
  })
})

describe('cells on the map', () => {
  const cell = (id: string, lng: number, count: number): Cell => ({
    id,
    lat: 0,
    lng,
    count,
    south: -1,
    north: 1,
    west: lng - 1,
    east: lng + 1,
    name: count === 1 ? id : null,
    mark: count === 1 ? 'visited' : 'many',
  })
  const pixels = ({ lng }: Cell) => ({ x: lng, y: 0 })

  it('that would cover each other become one, with all of both', () => {
    const [both, far] = joined([cell('a', 0, 3), cell('b', 20, 1), cell('c', 200, 1)], pixels)
    expect(both).toMatchObject({ count: 4, lng: 5, west: -1, east: 21, mark: 'many', parts: ['a', 'b'] })
    expect(far).toEqual(cell('c', 200, 1))
  })

  it('that stand alone may come nearer to each other', () => {
    expect(joined([cell('a', 0, 1), cell('b', 25, 1)], pixels)).toHaveLength(2)
    expect(joined([cell('a', 0, 1), cell('b', 10, 1)], pixels)).toHaveLength(1)
  })

  it('have a name where it covers neither another name nor a mark', () => {
    const label = (id: string, x: number, y: number) => ({ id, x, y, width: 60 })
    const labels = [label('a', 0, 0), label('under', 0, 10), label('below', 0, 30), label('beside', 200, 0)]
    const marks = [...labels.map(({ x, y }) => ({ x, y, r: 0 })), { x: 240, y: 5, r: 18 }]
    expect([...readable(labels, marks)]).toEqual(['a', 'below'])
  })
})

describe('the ground', () => {
  it('has a handful of lines at round degrees', () => {
    const { lats, lngs, step } = graticule({ south: 36.01, north: 36.19, west: 120.3, east: 120.52 })
    expect(step).toBe(0.05)
    expect(lats).toEqual([36.05, 36.1, 36.15])
    expect(lngs).toEqual([120.3, 120.35, 120.4, 120.45, 120.5])
  })

  it('names cities and districts where their customers are', () => {
    const rows = [
      { city: '青岛市', district: '市南区', geo_lat: 36, geo_lng: 120 },
      { city: '青岛市', district: '市南区', geo_lat: 37, geo_lng: 121 },
      { city: '青岛市', district: '城阳区', geo_lat: null, geo_lng: null },
    ]
    expect(namesOf(rows)).toEqual([
      { name: '青岛市', level: 'city', lat: 36.5, lng: 120.5 },
      { name: '市南区', level: 'district', lat: 36.5, lng: 120.5 },
    ])
  })

  it('is never narrower than a few streets', () => {
    const bounds = boundsOf([{ lat: 36, lng: 120 }])!
    expect(bounds.north - bounds.south).toBeCloseTo(0.01)
    expect(boundsOf([])).toBeNull()
  })
})

describe('tiles', () => {
  it('are not asked for unless the company names a source', () => {
    expect(tileSource(undefined)).toBeNull()
    expect(tileSource({ map_tile_url: 'https://example.com/no-place-for-numbers' })).toBeNull()
    expect(tileSource({ map_tile_url: 'javascript:alert(1)//{z}/{x}/{y}' })).toBeNull()
    const url = 'https://tiles.example.com/{z}/{x}/{y}.png'
    expect(tileSource({ map_tile_url: url })).toEqual({ url, datum: 'gcj02', attribution: '', maxZoom: 18 })
    const more = { map_tile_datum: 'bd09', map_tile_max_zoom: 19, map_tile_attribution: '© 百度' }
    expect(tileSource({ map_tile_url: url, ...more })).toMatchObject({
      datum: 'bd09',
      attribution: '© 百度',
      maxZoom: 19,
    })
  })

  /** 天安门 as published in the three systems (degrees; the two Chinese ones to about a metre). */
  const gate = {
    wgs84: [39.907333, 116.391083],
    gcj02: [39.908736, 116.397327],
    bd09: [39.915081, 116.403697],
  } as const

  it.each(['gcj02', 'bd09'] as const)('in %s are drawn where that system has a place, to a few metres', (datum) => {
    const [lat, lng] = toMap(datum, ...gate.wgs84)
    const [wanted, there] = gate[datum]
    expect(distanceBetween({ lat, lng }, { lat: wanted, lng: there })).toBeLessThan(5)
  })

  it.each(['wgs84', 'gcj02', 'bd09'] as const)('in %s lead back to the place of the world, to a metre', (datum) => {
    for (const [lat, lng] of [
      [36.0671, 120.3826],
      [22.5431, 114.0579],
      [35.6812, 139.7671],
    ] as const) {
      const [there, across] = fromMap(datum, ...toMap(datum, lat, lng))
      expect(distanceBetween({ lat, lng }, { lat: there, lng: across })).toBeLessThan(1)
    }
  })

  it('of Chinese maps are shifted by some hundred metres inside China only', () => {
    const shift = (lat: number, lng: number) => {
      const [there, across] = toMap('gcj02', lat, lng)
      return distanceBetween({ lat, lng }, { lat: there, lng: across })
    }
    expect(shift(36.0671, 120.3826)).toBeGreaterThan(100)
    expect(shift(36.0671, 120.3826)).toBeLessThan(1000)
    expect(shift(35.6812, 139.7671)).toBe(0) // Tokyo
    expect(toMap('wgs84', 36.0671, 120.3826)).toEqual([36.0671, 120.3826])
  })

  it('of Baidu lie on its own grid of metres', () => {
    // Baidu's documentation: the point 116.404, 39.915 is 12958175, 4825923.77 of its metres.
    const [x, y] = toBaidu(39.915, 116.404)
    expect(Math.abs(x - 12_958_175)).toBeLessThan(15)
    expect(Math.abs(y - 4_825_923.77)).toBeLessThan(20)
    const [lat, lng] = fromBaidu(x, y)
    expect(lat).toBeCloseTo(39.915, 5)
    expect(lng).toBeCloseTo(116.404, 5)
    expect(BAIDU_METRE_ZOOM).toBe(18)
  })
})
