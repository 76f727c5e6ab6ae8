/**
 * Map tiles, where a company has a source of its own. Everything in Xunke is WGS-84; Chinese tiles are drawn in GCJ-02
 * or BD-09, and this is the only place where the map's coordinates differ from the world's.
 */
import gcoord from 'gcoord'

export type Datum = 'wgs84' | 'gcj02' | 'bd09'

export interface TileSource {
  /** With {z}, {x}, {y}. */
  url: string
  datum: Datum
  attribution: string
}

/** The company's settings row names a source; without one the map draws its own ground. */
export function tileSource(company: Record<string, unknown> | undefined): TileSource | null {
  const url = company?.map_tile_url
  if (typeof url !== 'string' || !/^(https?:)?\/\/?.*\{z\}/.test(url)) return null
  const datum = company?.map_tile_datum
  return {
    url,
    datum: datum === 'wgs84' || datum === 'bd09' ? datum : 'gcj02',
    attribution: typeof company?.map_tile_attribution === 'string' ? company.map_tile_attribution : '',
  }
}

const systems = { wgs84: gcoord.WGS84, gcj02: gcoord.GCJ02, bd09: gcoord.BD09 } as const

/** Where on the map a place of the world is drawn: [lat, lng]. */
export function toMap(datum: Datum, lat: number, lng: number): [number, number] {
  if (datum === 'wgs84') return [lat, lng]
  const [x, y] = gcoord.transform([lng, lat], gcoord.WGS84, systems[datum])
  return [y, x]
}
