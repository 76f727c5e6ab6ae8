/** A day as a line: visits with what happened in them, what happened between, and the gaps. */
import type { DayEvent } from '../types'

export interface VisitPiece {
  kind: 'visit'
  id: string
  /** 1 for the first visit of the day: the number on the map. */
  number: number
  came: DayEvent
  left: DayEvent | null
  photos: DayEvent[]
  /** Orders, receipts, the customer itself when it is new. */
  deeds: DayEvent[]
}
export interface GapPiece {
  kind: 'gap'
  /** Null after a visit that nobody checked out of. */
  seconds: number | null
  /** Metres in a straight line; null when a place is unknown. */
  distance: number | null
}
export interface OtherPiece {
  kind: 'other'
  event: DayEvent
}
export type Piece = VisitPiece | GapPiece | OtherPiece

/** Shorter than this (seconds) and nearer than that (metres) is the walk to the next door, not worth a line. */
const SHORT = 5 * 60
const NEXT_DOOR = 300

/** What names no visit belongs to the one at the same customer that was going on then, or a while after it. */
const GRACE = 10 * 60_000

export function lineOf(events: readonly DayEvent[]): { pieces: Piece[]; planned: DayEvent[] } {
  const visits = new Map<string, VisitPiece>()
  for (const event of events) {
    if (event.kind !== 'check_in' || !event.id) continue
    visits.set(event.id, {
      kind: 'visit',
      id: event.id,
      number: visits.size + 1,
      came: event,
      left: null,
      photos: [],
      deeds: [],
    })
  }
  const pieces: Piece[] = []
  const planned: DayEvent[] = []
  for (const event of events) {
    if (event.kind === 'planned') planned.push(event)
    else if (event.kind === 'gap') {
      const gap: GapPiece = { kind: 'gap', seconds: event.seconds ?? null, distance: event.distance ?? null }
      if (gap.seconds === null || gap.seconds >= SHORT || (gap.distance ?? 0) >= NEXT_DOOR) pieces.push(gap)
    } else if (event.kind === 'check_in') {
      const visit = event.id ? visits.get(event.id) : undefined
      if (visit) pieces.push(visit)
    } else {
      const visit = (event.visit_id ? visits.get(event.visit_id) : undefined) ?? during(visits.values(), event)
      if (!visit) pieces.push({ kind: 'other', event })
      else if (event.kind === 'check_out') visit.left = event
      else if (event.kind === 'photo') visit.photos.push(event)
      else visit.deeds.push(event)
    }
  }
  return { pieces, planned }
}

function during(visits: Iterable<VisitPiece>, event: DayEvent): VisitPiece | undefined {
  const at = Date.parse(event.at ?? '')
  for (const visit of visits) {
    if (visit.came.customer_id !== event.customer_id) continue
    const from = Date.parse(visit.came.at ?? '')
    const until = visit.came.at && visit.left?.at ? Date.parse(visit.left.at) : Infinity
    if (at >= from - GRACE && at <= until + GRACE) return visit
  }
  return undefined
}

/** Where the day is known: each visit from its check-in to its check-out. Between two of them lies a gap. */
export function legsOf(pieces: readonly Piece[]): { lat: number; lng: number }[][] {
  return pieces.flatMap((piece) => {
    if (piece.kind !== 'visit') return []
    const leg = [piece.came, piece.left].flatMap((event) =>
      event?.lat !== undefined && event.lng !== undefined ? [{ lat: event.lat, lng: event.lng }] : [],
    )
    return leg.length > 0 ? [leg] : []
  })
}

/** Metres between the visits in straight lines, as far as places are known. */
export const wayOf = (events: readonly DayEvent[]): number =>
  events.reduce((sum, event) => sum + (event.kind === 'gap' ? (event.distance ?? 0) : 0), 0)

/** Height of a drawn gap in rem: longer gaps are longer, but an empty afternoon stays on the screen. */
export const gapHeight = (seconds: number | null): number => Math.min(7, 2.25 + Math.sqrt((seconds ?? 0) / 60) * 0.3)
