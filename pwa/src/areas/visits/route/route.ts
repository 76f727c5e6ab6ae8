/**
 * The order of a day's visits by distance, on the phone: the nearest next, then every swap and every move of a few stops
 * that shortens the way. The same stops give the same way, in whatever order they are named. Distances are straight lines:
 * roads are known to the map app alone.
 */
import { distanceBetween, type Place } from '@/camera/sketch'

export interface Stop extends Place {
  id: string
}

/** More stops than this, and only a few of them are tried as the first one where there is no place to start from. */
const MOST_TRIED = 24
/** Metres: a shorter way is one that is shorter by more than the roundings. */
const SHORTER = 1e-6
/** Stops that are moved together at most. */
const TOGETHER = 3

/** Metres from stop to stop, from `start` if there is one. */
export function wayLength(start: Place | null, stops: readonly Place[]): number {
  let metres = 0
  let before = start
  for (const stop of stops) {
    if (before) metres += distanceBetween(before, stop)
    before = stop
  }
  return metres
}

/** The stops in the order in which to go. Without `start` the day may begin at any of them. */
export function orderStops<T extends Stop>(start: Place | null, stops: readonly T[]): T[] {
  const sorted = [...stops].sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0))
  if (sorted.length < 2) return sorted
  if (start) return shortened(start, nearestNext(start, sorted))
  const firsts = sorted.length > MOST_TRIED ? outermost(sorted) : sorted
  let best: T[] | null = null
  for (const first of firsts) {
    const rest = sorted.filter((stop) => stop !== first)
    const way = shortened(null, [first, ...nearestNext(first, rest)])
    if (!best || wayLength(null, way) < wayLength(null, best) - SHORTER) best = way
  }
  return best!
}

/** The four that lie farthest out: a way begins best at a rim. */
function outermost<T extends Stop>(stops: readonly T[]): T[] {
  const by = (value: (stop: T) => number) => stops.reduce((far, stop) => (value(stop) > value(far) ? stop : far))
  return [...new Set([by((s) => s.lat), by((s) => -s.lat), by((s) => s.lng), by((s) => -s.lng)])]
}

function nearestNext<T extends Stop>(from: Place, stops: readonly T[]): T[] {
  const left = [...stops]
  const way: T[] = []
  let here = from
  while (left.length > 0) {
    let nearest = 0
    for (let n = 1; n < left.length; n += 1)
      if (distanceBetween(here, left[n]!) < distanceBetween(here, left[nearest]!)) nearest = n
    const [stop] = left.splice(nearest, 1)
    way.push(stop!)
    here = stop!
  }
  return way
}

/** Turns stretches round and moves stops until nothing shortens the way any more. */
function shortened<T extends Stop>(start: Place | null, way: readonly T[]): T[] {
  let best = [...way]
  const points: Place[] = start ? [start, ...way] : [...way]
  const number = new Map(points.map((point, n) => [point as Place, n]))
  const table = points.map((a) => points.map((b) => distanceBetween(a, b)))
  const between = (a: Place | undefined, b: Place | undefined) =>
    a && b ? table[number.get(a)!]![number.get(b)!]! : 0
  const before = (stops: readonly T[], at: number): Place | undefined =>
    at === 0 ? (start ?? undefined) : stops[at - 1]

  for (let better = true; better;) {
    better = false
    for (let i = 0; i < best.length - 1; i += 1) {
      for (let j = i + 1; j < best.length; j += 1) {
        const gain =
          between(before(best, i), best[i]) +
          between(best[j], best[j + 1]) -
          between(before(best, i), best[j]) -
          between(best[i], best[j + 1])
        if (gain <= SHORTER) continue
        best = [...best.slice(0, i), ...best.slice(i, j + 1).reverse(), ...best.slice(j + 1)]
        better = true
      }
    }
    for (let size = 1; size <= TOGETHER && !better; size += 1) {
      for (let i = 0; i + size <= best.length && !better; i += 1) {
        const moved = best.slice(i, i + size)
        const rest = [...best.slice(0, i), ...best.slice(i + size)]
        const saved =
          between(before(best, i), moved[0]) +
          between(moved.at(-1), best[i + size]) -
          between(before(best, i), best[i + size])
        for (let at = 0; at <= rest.length && !better; at += 1) {
          if (at === i) continue
          const cost =
            between(before(rest, at), moved[0]) +
            between(moved.at(-1), rest[at]) -
            between(before(rest, at), rest[at])
          if (saved - cost <= SHORTER) continue
          best = [...rest.slice(0, at), ...moved, ...rest.slice(at)]
          better = true
        }
      }
    }
  }
  return best
}

/** Where a further stop lengthens the way least: before which stop (their number: at the end), and by how many metres. */
export function bestPlaceFor(
  start: Place | null,
  stops: readonly Place[],
  stop: Place,
): { at: number; detour: number } {
  let best = { at: stops.length, detour: Infinity }
  for (let at = stops.length; at >= 0; at -= 1) {
    const from = at === 0 ? start : stops[at - 1]
    const to = stops[at]
    const there = from ? distanceBetween(from, stop) : 0
    const on = to ? distanceBetween(stop, to) : 0
    const detour = there + on - (from && to ? distanceBetween(from, to) : 0)
    if (detour < best.detour - SHORTER) best = { at, detour }
  }
  return best
}

export interface OnTheWay<T> {
  stop: T
  at: number
  /** Metres more. */
  detour: number
}

/** Those that lengthen the way by `most` metres or less, the shortest detour first. */
export function onTheWay<T extends Stop>(
  start: Place | null,
  stops: readonly Place[],
  candidates: readonly T[],
  most: number,
): OnTheWay<T>[] {
  if (!start && stops.length === 0) return []
  return candidates
    .map((stop) => ({ stop, ...bestPlaceFor(start, stops, stop) }))
    .filter(({ detour }) => detour <= most)
    .sort((a, b) => a.detour - b.detour || (a.stop.id < b.stop.id ? -1 : 1))
}
