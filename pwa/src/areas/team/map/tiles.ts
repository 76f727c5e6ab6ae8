/**
 * Map tiles, where a company has a source of its own. Everything in Xunke is WGS-84; Chinese tiles are drawn in GCJ-02
 * or BD-09, and this is the only place where the map's coordinates differ from the world's.
 */
import gcoord from 'gcoord'

export type Datum = 'wgs84' | 'gcj02' | 'bd09'

export interface TileSource {
  /** With {z}, {x} and {y} or {-y}; {r} where there are tiles for fine screens. */
  url: string
  datum: Datum
  /** Plain text. */
  attribution: string
  maxZoom: number
}

const MAX_ZOOM = 18

/** The company's settings row names a source; without one the map draws its own ground. */
export function tileSource(company: Record<string, unknown> | undefined): TileSource | null {
  const {
    map_tile_url: url,
    map_tile_datum: datum,
    map_tile_attribution: words,
    map_tile_max_zoom: zoom,
  } = company ?? {}
  if (typeof url !== 'string' || !/^https?:\/\/[^{}]+\/.*\{z\}/.test(url)) return null
  return {
    url,
    datum: datum === 'wgs84' || datum === 'bd09' ? datum : 'gcj02',
    attribution: typeof words === 'string' ? words : '',
    maxZoom: typeof zoom === 'number' ? zoom : MAX_ZOOM,
  }
}

const systems = { wgs84: gcoord.WGS84, gcj02: gcoord.GCJ02, bd09: gcoord.BD09 } as const

/** Where on the map a place of the world is drawn: [lat, lng]. */
export function toMap(datum: Datum, lat: number, lng: number): [number, number] {
  if (datum === 'wgs84') return [lat, lng]
  const [x, y] = gcoord.transform([lng, lat], gcoord.WGS84, systems[datum])
  return [y, x]
}

/** The place of the world that is drawn there: [lat, lng]. */
export function fromMap(datum: Datum, lat: number, lng: number): [number, number] {
  if (datum === 'wgs84') return [lat, lng]
  const [x, y] = gcoord.transform([lng, lat], systems[datum], gcoord.WGS84)
  return [y, x]
}

/** Baidu's own metres of a place in BD-09, and back: its tiles lie on a grid of these. */
export const toBaidu = (lat: number, lng: number): [x: number, y: number] => {
  const [x, y] = gcoord.transform([lng, lat], gcoord.BD09, gcoord.BD09Meter)
  return [x, y]
}
export const fromBaidu = (x: number, y: number): [lat: number, lng: number] => {
  const [lng, lat] = gcoord.transform([x, y], gcoord.BD09Meter, gcoord.BD09)
  return [lat, lng]
}
/** At this zoom of Baidu's a pixel is a metre; each zoom below doubles that. */
export const BAIDU_METRE_ZOOM = 18
