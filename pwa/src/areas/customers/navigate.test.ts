import { describe, expect, it } from 'vitest'
import gcoord from 'gcoord'
import { distanceBetween } from '@/camera/sketch'
import { mapLink, mapsFor, platformOf, type Destination } from './navigate'

const shop: Destination = { name: '王记超市 & 分店', address: '青岛市市南区', lat: 36.0671, lng: 120.3826 }
const nowhere: Destination = { ...shop, lat: null, lng: null }

describe('the map app', () => {
  it.each([
    ['Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X)', 'ios'],
    ['Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)', 'ios'],
    ['Mozilla/5.0 (Linux; Android 14; Pixel 8)', 'android'],
    ['Mozilla/5.0 (Windows NT 10.0; Win64; x64)', 'other'],
    ['Mozilla/5.0 (X11; Linux x86_64)', 'other'],
  ] as const)('of %s', (agent, platform) => expect(platformOf(agent)).toBe(platform))

  it('that was used last stands first, and none is offered that cannot be there', () => {
    expect(mapsFor('android', null)).toEqual(['amap', 'baidu', 'system'])
    expect(mapsFor('ios', 'system')).toEqual(['system', 'amap', 'baidu'])
    expect(mapsFor('other', 'system')).toEqual(['amap', 'baidu'])
    expect(mapsFor('other', 'baidu')).toEqual(['baidu', 'amap'])
  })

  const numbers = (link: string, name: string): [number, number] => {
    const [a, b] = new URL(link).searchParams.get(name)!.split(',')
    return [Number(a), Number(b)]
  }
  /** Metres between where a link leads and the shop. */
  const missed = (lat: number, lng: number, system: 'GCJ02' | 'BD09' | 'WGS84') => {
    const [x, y] = gcoord.transform([lng, lat], gcoord[system], gcoord.WGS84)
    return distanceBetween({ lat: y, lng: x }, { lat: shop.lat!, lng: shop.lng! })
  }

  it('is given the place in the coordinates it counts in', () => {
    const [lng, lat] = numbers(mapLink('amap', shop, 'android'), 'to')
    expect(missed(lat, lng, 'GCJ02')).toBeLessThan(1)
    expect(missed(lat, lng, 'WGS84')).toBeGreaterThan(100)
    const baidu = mapLink('baidu', shop, 'android')
    expect(missed(...numbers(baidu, 'location'), 'BD09')).toBeLessThan(1)
    expect(new URL(baidu).searchParams.get('coord_type')).toBe('bd09ll')
    expect(missed(...numbers(mapLink('system', shop, 'ios'), 'daddr'), 'GCJ02')).toBeLessThan(1)
    expect(mapLink('system', shop, 'android')).toMatch(/^geo:36\.0671,120\.3826\?q=36\.0671,120\.3826\(/)
  })

  it('shows the customer by name, whatever stands in it', () => {
    for (const app of ['amap', 'baidu', 'system'] as const) {
      const link = mapLink(app, shop, 'ios')
      expect(link).toContain(encodeURIComponent(shop.name))
      expect(link).not.toContain(' ')
    }
  })

  it('looks for the address where nobody has set a place', () => {
    const words = encodeURIComponent('青岛市市南区 王记超市 & 分店')
    for (const platform of ['ios', 'android'] as const)
      for (const app of ['amap', 'baidu', 'system'] as const) expect(mapLink(app, nowhere, platform)).toContain(words)
  })

  it('outside China is given the world coordinates', () => {
    const tokyo = { ...shop, lat: 35.6812, lng: 139.7671 }
    expect(numbers(mapLink('amap', tokyo, 'android'), 'to')).toEqual([139.7671, 35.6812])
  })
})
