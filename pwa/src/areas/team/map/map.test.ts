import { describe, expect, it } from 'vitest'
import { distanceBetween } from '@/camera/sketch'
import { clusters, markOf, type Dot } from './cluster'
import { boundsOf, namesOf, graticule } from './grid'
import { tileSource, toMap } from './tiles'

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
    expect(tileSource({ map_tile_url: 'https://tiles.example.com/{z}/{x}/{y}.png' })?.datum).toBe('gcj02')
  })

  it('of Chinese maps are shifted by some hundred metres, those of the world are not', () => {
    const [lat, lng] = toMap('gcj02', 36.0671, 120.3826)
    const shift = distanceBetween({ lat: 36.0671, lng: 120.3826 }, { lat, lng })
    expect(shift).toBeGreaterThan(100)
    expect(shift).toBeLessThan(1000)
    expect(toMap('wgs84', 36.0671, 120.3826)).toEqual([36.0671, 120.3826])
  })
})
