/** What a map of the team, of a day or of a photo shows. Degrees WGS-84. */
import type { Dot } from './cluster'
import type { Bounds, NamedPlace } from './grid'

export interface Place {
  lat: number
  lng: number
}

export interface Person extends Place {
  id: string
  name: string
}

/** `fence`: where a check-in counts, around the customer's place. `reach`: where somebody may have been, by accuracy. */
export interface Circle extends Place {
  /** Metres. */
  radius: number
  kind: 'fence' | 'reach'
}

/** Things of one kind that stand close together: one with its name, or a number. */
export interface Cell extends Place, Bounds {
  id: string
  count: number
  /** Of the one that stands alone. */
  name: string | null
  mark: 'visited' | 'never' | 'many'
  /** The cells that became this one because their marks would cover each other. */
  parts?: readonly string[]
}

/** What is seen of the world. `zoom` as of web maps, whatever the tiles count: the world is 256 × 2^zoom pixels wide. */
export interface MapView {
  bounds: Bounds
  zoom: number
}

export interface MapContent {
  people: readonly Person[]
  dots: readonly Dot[]
  /**
   * Where somebody is known to have been, in order, each leg by itself. What lies between two legs is not known and
   * stays open.
   */
  legs: readonly (readonly Place[])[]
  circles: readonly Circle[]
  /** Customers' places. */
  shops: readonly (Place & { name: string })[]
  districts: readonly NamedPlace[]
  /** The dot or cell that is spoken of elsewhere on the screen. */
  chosen: string | null
  cells?: readonly Cell[]
  /** The dots' badges are their numbers in a row: those that stand together show all of theirs. */
  numbered?: boolean
  /** Where this device is; accuracy in metres. */
  here?: (Place & { accuracy: number }) | null
  /** What has to be seen at first, beside the other places. */
  extent?: Bounds | null
  /** Another word here fits the view anew. */
  fit?: string
}

export const nothing: MapContent = {
  people: [],
  dots: [],
  legs: [],
  circles: [],
  shops: [],
  districts: [],
  chosen: null,
}

/** How much of the way to the next leg is drawn, from either end: enough to see where it goes on. */
const STUB = 0.22

/** Two short ends that point at each other across every gap; the middle is left open. */
export function stubs(legs: MapContent['legs']): [Place, Place][] {
  const drawn: [Place, Place][] = []
  for (const [index, leg] of legs.entries()) {
    const from = leg.at(-1)
    const to = legs[index + 1]?.[0]
    if (!from || !to) continue
    const along = (share: number): Place => ({
      lat: from.lat + (to.lat - from.lat) * share,
      lng: from.lng + (to.lng - from.lng) * share,
    })
    drawn.push([from, along(STUB)], [along(1 - STUB), to])
  }
  return drawn
}

/** The corners of what a map has to show, circles whole. */
export function placesOf({
  people,
  dots,
  legs,
  circles,
  shops,
  extent,
}: Omit<MapContent, 'districts' | 'chosen'>): Place[] {
  const rims = circles.flatMap(({ lat, lng, radius }) => {
    const up = radius / 111_320
    const aside = up / Math.max(0.01, Math.cos((lat * Math.PI) / 180))
    return [
      { lat: lat + up, lng: lng + aside },
      { lat: lat - up, lng: lng - aside },
    ]
  })
  const corners = extent
    ? [
        { lat: extent.south, lng: extent.west },
        { lat: extent.north, lng: extent.east },
      ]
    : []
  return [...people, ...dots, ...legs.flat(), ...shops, ...rims, ...corners]
}
