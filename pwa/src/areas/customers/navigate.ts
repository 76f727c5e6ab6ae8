/**
 * Links that open a map app with the way to a customer. Places are WGS-84 here; the Chinese maps want their own
 * coordinates, and this is the edge where they are made.
 */
import gcoord from 'gcoord'
import { remember, remembered } from '@/app/deviceMemory'

export const maps = ['amap', 'baidu', 'system'] as const
export type MapApp = (typeof maps)[number]

export type Platform = 'ios' | 'android' | 'other'

/** An iPad calls itself a Macintosh, and Macs have the same maps. */
export function platformOf(userAgent: string): Platform {
  if (/iPhone|iPad|iPod|Macintosh/.test(userAgent)) return 'ios'
  return /Android/.test(userAgent) ? 'android' : 'other'
}

/** The map apps that can be there, the one used last first. A `geo:` link does nothing where no app takes it. */
export function mapsFor(platform: Platform, last: MapApp | null): MapApp[] {
  const there = maps.filter((app) => app !== 'system' || platform !== 'other')
  return there.sort((a, b) => Number(b === last) - Number(a === last))
}

export interface Destination {
  name: string
  address: string
  /** Degrees WGS-84, null when nobody has set the place. */
  lat: number | null
  lng: number | null
}

/** The system's own maps want another link on iOS. Without a place the address is searched for. */
export function mapLink(app: MapApp, { name, address, lat, lng }: Destination, platform: Platform): string {
  const title = encodeURIComponent(name)
  const known = lat !== null && lng !== null
  const words = encodeURIComponent(`${address} ${name}`.trim())
  if (app === 'amap') {
    if (!known) return `https://uri.amap.com/search?keyword=${words}&src=xunke&callnative=1`
    const [x, y] = gcoord.transform([lng, lat], gcoord.WGS84, gcoord.GCJ02)
    return `https://uri.amap.com/navigation?to=${x.toFixed(6)},${y.toFixed(6)},${title}&mode=car&src=xunke&coordinate=gaode&callnative=1`
  }
  if (app === 'baidu') {
    if (!known) return `https://api.map.baidu.com/geocoder?address=${words}&output=html&src=xunke`
    const [x, y] = gcoord.transform([lng, lat], gcoord.WGS84, gcoord.BD09)
    return `https://api.map.baidu.com/marker?location=${y.toFixed(6)},${x.toFixed(6)}&title=${title}&content=${encodeURIComponent(address || name)}&coord_type=bd09ll&output=html&src=xunke`
  }
  if (platform === 'ios') {
    if (!known) return `https://maps.apple.com/?q=${words}`
    const [x, y] = gcoord.transform([lng, lat], gcoord.WGS84, gcoord.GCJ02)
    return `https://maps.apple.com/?daddr=${y.toFixed(6)},${x.toFixed(6)}&q=${title}`
  }
  return known ? `geo:${lat},${lng}?q=${lat},${lng}(${title})` : `geo:0,0?q=${words}`
}

const KEY = 'xunke.map'
export const lastMap = (): MapApp | null => remembered(KEY) as MapApp | null
export const rememberMap = (app: MapApp): void => remember(KEY, app)
