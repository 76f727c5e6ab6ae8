/**
 * Baidu's map for Leaflet: metres of its own counted from 0/0, twice as many a pixel with each zoom, rows of tiles
 * counted from the equator upwards. In the map's chunk, because it needs Leaflet.
 */
import L from 'leaflet'
import { BAIDU_METRE_ZOOM, fromBaidu, toBaidu } from './tiles'

const projection: L.Projection = {
  project: ({ lat, lng }) => L.point(...toBaidu(lat, lng)),
  unproject: (point) => {
    const { x, y } = L.point(point)
    return L.latLng(...fromBaidu(x, y))
  },
  bounds: L.bounds([-20_037_508, -12_474_104], [20_037_508, 12_474_104]),
}

/** Takes places in BD-09. */
export const baidu: L.CRS = Object.assign(Object.create(L.CRS.Earth) as L.CRS, {
  code: 'BD09MC',
  projection,
  transformation: L.transformation(1, 0, -1, 0),
  scale: (zoom: number) => 2 ** (zoom - BAIDU_METRE_ZOOM),
  zoom: (scale: number) => Math.log2(scale) + BAIDU_METRE_ZOOM,
  wrapLng: undefined,
  infinite: true,
})

/** Leaflet counts rows downwards from the top left, Baidu upwards: row -1 of the one is row 0 of the other. */
class BaiduTiles extends L.TileLayer {
  override getTileUrl(coords: L.Coords): string {
    const flipped = Object.assign(L.point(coords.x, -coords.y - 1), { z: coords.z })
    return super.getTileUrl(flipped as L.Coords)
  }
}

export const baiduTiles = (url: string, options: L.TileLayerOptions): L.TileLayer => new BaiduTiles(url, options)
