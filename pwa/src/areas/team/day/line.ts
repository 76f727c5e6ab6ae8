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
  at: string
  seconds: number
  /** Metres in a straight line; null when a place is unknown. */
  distance: number | null
}
export interface OtherPiece {
  kind: 'other'
  event: DayEvent
}
export type Piece = VisitPiece | GapPiece | OtherPiece

/** Gaps shorter than this (seconds) are the walk to the door, not worth a line. */
const SHORT = 5 * 60

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
      if ((event.seconds ?? 0) >= SHORT)
        pieces.push({
          kind: 'gap',
          at: event.at ?? '',
          seconds: event.seconds ?? 0,
          distance: event.distance ?? null,
        })
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

/** Height of a drawn gap in rem: longer gaps are longer, but an empty afternoon stays on the screen. */
export const gapHeight = (seconds: number): number => Math.min(7, 2.25 + Math.sqrt(seconds / 60) * 0.3)
