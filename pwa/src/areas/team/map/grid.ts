/** The map's own ground: lines of latitude and longitude at round distances, and the names of districts. */

export interface Bounds {
  south: number
  north: number
  west: number
  east: number
}

const STEPS = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30] as const

/** The lines inside, about `wanted` of them each way; degrees. */
export function graticule(bounds: Bounds, wanted = 6): { lats: number[]; lngs: number[]; step: number } {
  const span = Math.max(bounds.east - bounds.west, bounds.north - bounds.south)
  const step = STEPS.find((size) => span / size <= wanted) ?? 30
  const lines = (from: number, to: number): number[] => {
    const found: number[] = []
    for (let n = Math.ceil(from / step); n * step <= to; n += 1) found.push(Number((n * step).toFixed(4)))
    return found
  }
  return { lats: lines(bounds.south, bounds.north), lngs: lines(bounds.west, bounds.east), step }
}

export interface NamedPlace {
  name: string
  lat: number
  lng: number
  level: 'city' | 'district'
}

/** Where cities and their districts are, as far as the customers there tell: the middle of each one's customers. */
export function namesOf(rows: Iterable<Record<string, unknown>>): NamedPlace[] {
  const sums = new Map<string, NamedPlace & { n: number }>()
  const count = (level: NamedPlace['level'], key: string, name: unknown, lat: number, lng: number) => {
    if (typeof name !== 'string' || !name) return
    const sum = sums.get(key) ?? { name, level, lat: 0, lng: 0, n: 0 }
    sum.lat += lat
    sum.lng += lng
    sum.n += 1
    sums.set(key, sum)
  }
  for (const { city, district, geo_lat, geo_lng } of rows) {
    if (typeof geo_lat !== 'number' || typeof geo_lng !== 'number') continue
    count('city', String(city), city, geo_lat, geo_lng)
    count('district', `${String(city)}/${String(district)}`, district, geo_lat, geo_lng)
  }
  return [...sums.values()].map(({ name, level, lat, lng, n }) => ({ name, level, lat: lat / n, lng: lng / n }))
}

/** The smallest bounds around places, at least `least` degrees across. Null without places. */
export function boundsOf(places: readonly { lat: number; lng: number }[], least = 0.01): Bounds | null {
  if (places.length === 0) return null
  const lats = places.map((place) => place.lat)
  const lngs = places.map((place) => place.lng)
  const grow = (low: number, high: number): [number, number] => {
    const missing = Math.max(0, least - (high - low)) / 2
    return [low - missing, high + missing]
  }
  const [south, north] = grow(Math.min(...lats), Math.max(...lats))
  const [west, east] = grow(Math.min(...lngs), Math.max(...lngs))
  return { south, north, west, east }
}
