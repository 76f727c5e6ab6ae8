/**
 * Customers counted in the cells of a map: pieces of a fixed grid over the world, so that nothing jumps while the map is
 * moved. A device does it with the rows it holds; the company (`server/customers/cells.py`) on the same grid.
 */
import type { Bounds } from '../../team/map/grid'
import type { Cell, MapView } from '../../team/map/points'
import type { Customer } from '../types'

export const MAX_ZOOM = 20
/** Pixels of a cell's side where the world is 256 pixels wide at zoom 0. */
const PIXELS = 64
/** How high a cell is against its width, in degrees: about square at the latitudes of China. */
const HEIGHT = 0.8

/** Degrees that a cell covers. */
export function cellSize(zoom: number): { high: number; across: number } {
  const across = ((360 / 2 ** zoom) * PIXELS) / 256
  return { high: across * HEIGHT, across }
}

/** The zoom whose cells suit a view. */
export const zoomOf = ({ zoom }: MapView): number => Math.max(0, Math.min(MAX_ZOOM, Math.round(zoom)))

/** What is seen, rounded outwards to whole cells: a cell at the rim counts all of its customers. */
export function boxOf({ bounds }: MapView, zoom: number): Bounds {
  const { high, across } = cellSize(zoom)
  return {
    south: Math.max(-90, Math.floor((bounds.south + 90) / high) * high - 90),
    north: Math.min(90, Math.ceil((bounds.north + 90) / high) * high - 90),
    west: Math.max(-180, Math.floor((bounds.west + 180) / across) * across - 180),
    east: Math.min(180, Math.ceil((bounds.east + 180) / across) * across - 180),
  }
}

export interface CustomerCell extends Cell {
  rows: Customer[]
}

/** What a map shows of a list: its customers in cells, and how many it has wherever they are. */
export interface Shown {
  /** `row`: of the one that stands alone, what the company has told of it. */
  cells: readonly (Cell & { row?: Record<string, unknown> | null })[]
  placed: number
  /** Without a place. */
  unplaced: number
  /** The corners of all that have a place; null where nobody has one. */
  extent: Bounds | null
}

/** How many of them are seen, as long as anything has been drawn. */
export function countIn({ cells, placed }: Shown, view: MapView | null): number {
  if (!view) return placed
  const { south, north, west, east } = view.bounds
  return cells
    .filter(({ lat, lng }) => lat >= south && lat <= north && lng >= west && lng <= east)
    .reduce((sum, cell) => sum + cell.count, 0)
}

export const hasPlace = (row: {
  geo_lat?: unknown
  geo_lng?: unknown
}): row is { geo_lat: number; geo_lng: number } => typeof row.geo_lat === 'number' && typeof row.geo_lng === 'number'

/** How a customer's mark looks: whether anybody has visited it. */
export const markOfVisit = (row: { last_visit_at?: unknown }): Cell['mark'] =>
  row.last_visit_at ? 'visited' : 'never'

/** The fullest first. */
export function cellsOf(rows: Iterable<Customer>, zoom: number, box: Bounds): CustomerCell[] {
  const { high, across } = cellSize(zoom)
  const found = new Map<string, Customer[]>()
  for (const row of rows) {
    if (!hasPlace(row)) continue
    const { geo_lat: lat, geo_lng: lng } = row
    if (lat < box.south || lat > box.north || lng < box.west || lng > box.east) continue
    const key = `${Math.floor((lat + 90) / high)} ${Math.floor((lng + 180) / across)}`
    const there = found.get(key)
    if (there) there.push(row)
    else found.set(key, [row])
  }
  const cells = [...found].map(([key, there]): CustomerCell => {
    const lats = there.map((row) => row.geo_lat!)
    const lngs = there.map((row) => row.geo_lng!)
    const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
    const [first] = there
    return {
      id: there.length === 1 ? first!.id : `${zoom} ${key}`,
      lat: mean(lats),
      lng: mean(lngs),
      count: there.length,
      south: least(lats),
      west: least(lngs),
      north: -least(lats.map((lat) => -lat)),
      east: -least(lngs.map((lng) => -lng)),
      name: there.length === 1 ? first!.name : null,
      mark: there.length === 1 ? markOfVisit(first!) : 'many',
      rows: there,
    }
  })
  return cells.sort((a, b) => b.count - a.count || (a.id < b.id ? -1 : 1))
}

/** Not `Math.min(...)`: a hundred thousand arguments do not fit on the stack. */
const least = (values: number[]): number => values.reduce((low, value) => (value < low ? value : low), Infinity)

/** The corners of all that have a place; null where nobody has one. */
export function extentOf(rows: Iterable<Customer>): Bounds | null {
  let found: Bounds | null = null
  for (const row of rows) {
    if (!hasPlace(row)) continue
    const { geo_lat: lat, geo_lng: lng } = row
    found ??= { south: lat, north: lat, west: lng, east: lng }
    found.south = Math.min(found.south, lat)
    found.north = Math.max(found.north, lat)
    found.west = Math.min(found.west, lng)
    found.east = Math.max(found.east, lng)
  }
  return found
}
