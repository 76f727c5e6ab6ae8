/** The geometry of the map sketch: metres around one point, drawn on a plain sheet, north up. No tiles, no network. */
import type { PositionSample } from './capture'

export interface Place {
  lat: number
  lng: number
}

/** Where a customer is, and how near a visit has to be (metres). */
export interface CustomerPlace extends Place {
  radius: number
}

export interface SketchPoint {
  x: number
  y: number
  /** Radius of the accuracy circle, in drawing units. */
  r: number
  best: boolean
}

export interface Sketch {
  customer: { x: number; y: number; r: number } | null
  samples: SketchPoint[]
  /** Metres from the best sample to the customer; null when either is missing. */
  distance: number | null
  scale: { metres: number; length: number }
}

const EARTH_RADIUS = 6_371_008.8
const RADIANS = Math.PI / 180

/** Metres on the great circle (haversine, mean earth radius): right to 0.5 %, nobody's receiver is better here. */
export function distanceBetween(a: Place, b: Place): number {
  const dLat = (b.lat - a.lat) * RADIANS
  const dLng = (b.lng - a.lng) * RADIANS
  const h = Math.sin(dLat / 2) ** 2 + Math.cos(a.lat * RADIANS) * Math.cos(b.lat * RADIANS) * Math.sin(dLng / 2) ** 2
  return 2 * EARTH_RADIUS * Math.asin(Math.min(1, Math.sqrt(h)))
}

/** Fits everything into `width` × `height` drawing units. Null when there is nothing to draw. */
export function sketch(
  customer: CustomerPlace | null,
  samples: readonly PositionSample[],
  best: PositionSample | null,
  width: number,
  height: number,
): Sketch | null {
  const centre = customer ?? best ?? samples.at(-1)
  if (!centre) return null
  const here = samples.map((sample) => ({
    ...metresFrom(centre, sample),
    r: sample.accuracy,
    best: sameFix(sample, best),
  }))
  const fence = customer ? [{ x: 0, y: 0, r: customer.radius }] : []
  // A cell tower's circle of kilometres would shrink everything else to a dot: its edge may leave the sheet.
  const circles = [...fence, ...here.map((point) => ({ ...point, r: Math.min(point.r, 150) }))]
  const left = Math.min(...circles.map((c) => c.x - c.r))
  const right = Math.max(...circles.map((c) => c.x + c.r))
  const top = Math.min(...circles.map((c) => c.y - c.r))
  const bottom = Math.max(...circles.map((c) => c.y + c.r))
  const unit = Math.min(width / Math.max(right - left, 40), height / Math.max(bottom - top, 40)) * 0.86
  const put = (c: { x: number; y: number; r: number }) => ({
    x: width / 2 + (c.x - (left + right) / 2) * unit,
    y: height / 2 + (c.y - (top + bottom) / 2) * unit,
    r: c.r * unit,
  })
  const metres = roundMetres((width * 0.3) / unit)
  return {
    customer: customer ? put(fence[0]!) : null,
    samples: here.map((point) => ({ ...put(point), best: point.best })),
    distance: customer && best ? distanceBetween(customer, best) : null,
    scale: { metres, length: metres * unit },
  }
}

/** East and south of `origin`, in metres, on the plane that touches the earth there. */
function metresFrom(origin: Place, to: Place): { x: number; y: number } {
  // Across the date line the short way round is meant.
  const dLng = ((to.lng - origin.lng + 540) % 360) - 180
  return {
    x: dLng * RADIANS * EARTH_RADIUS * Math.cos(origin.lat * RADIANS),
    y: -(to.lat - origin.lat) * RADIANS * EARTH_RADIUS,
  }
}

function sameFix(a: PositionSample, b: PositionSample | null): boolean {
  return b !== null && a.at === b.at
}

/** The largest of 1, 2, 5, 10, … that is not more than `metres`. */
function roundMetres(metres: number): number {
  const power = 10 ** Math.floor(Math.log10(metres))
  const lead = metres / power
  return power * (lead >= 5 ? 5 : lead >= 2 ? 2 : 1)
}
