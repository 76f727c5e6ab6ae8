import { describe, expect, it } from 'vitest'
import { stubs } from '../map/points'
import { gapHeight, legsOf, lineOf, wayOf } from './line'
import type { DayEvent } from '../types'

const at = (clock: string) => `2026-11-21T${clock}:00.000Z`

describe('a day as a line', () => {
  const events: DayEvent[] = [
    { kind: 'check_in', at: at('01:00'), id: 'v1', visit_id: 'v1', customer_id: 'wang', evidence: 'verified' },
    { kind: 'photo', at: at('01:05'), id: 'p1', visit_id: 'v1', customer_id: 'wang' },
    { kind: 'payment', at: at('01:20'), id: 'm1', customer_id: 'wang', amount: '100.00' },
    { kind: 'check_out', at: at('01:25'), id: 'v1', visit_id: 'v1', customer_id: 'wang', seconds: 1500 },
    { kind: 'gap', at: at('01:25'), seconds: 7200, distance: 3200 },
    { kind: 'order', at: at('02:30'), id: 'o1', customer_id: 'li', amount: '80.00' },
    { kind: 'check_in', at: at('03:25'), id: 'v2', visit_id: 'v2', customer_id: 'li', evidence: 'suspect' },
    { kind: 'planned', at: null, id: 'v3', visit_id: 'v3', customer_id: 'zhao' },
  ]

  it('puts what happened at a customer into the visit there', () => {
    const { pieces } = lineOf(events)
    const [first] = pieces
    expect(first).toMatchObject({ kind: 'visit', id: 'v1', number: 1, left: { seconds: 1500 } })
    expect(first?.kind === 'visit' && first.photos.map((photo) => photo.id)).toEqual(['p1'])
    expect(first?.kind === 'visit' && first.deeds.map((deed) => deed.id)).toEqual(['m1'])
  })

  it('keeps gaps, what happened between visits, and what is still planned', () => {
    const { pieces, planned } = lineOf(events)
    expect(pieces.map((piece) => piece.kind)).toEqual(['visit', 'gap', 'other', 'visit'])
    expect(planned.map((event) => event.id)).toEqual(['v3'])
  })

  it('draws longer gaps longer, within bounds', () => {
    expect(gapHeight(600)).toBeLessThan(gapHeight(3600))
    expect(gapHeight(36_000)).toBe(7)
  })

  it('leaves out the walk to the next door', () => {
    expect(lineOf([{ kind: 'gap', at: at('01:00'), seconds: 120, distance: 80 }]).pieces).toEqual([])
  })

  it('but not a short time over a long way, nor a time that nobody knows', () => {
    const { pieces } = lineOf([
      { kind: 'gap', at: at('01:00'), seconds: 120, distance: 9000 },
      { kind: 'gap', at: null, distance: 40 },
    ])
    expect(pieces).toEqual([
      { kind: 'gap', seconds: 120, distance: 9000 },
      { kind: 'gap', seconds: null, distance: 40 },
    ])
  })

  it('is on the map what is known, and open in between', () => {
    const day = lineOf([
      { kind: 'check_in', at: at('01:00'), id: 'v1', visit_id: 'v1', lat: 36, lng: 120 },
      { kind: 'check_out', at: at('01:25'), id: 'v1', visit_id: 'v1', lat: 36.001, lng: 120 },
      { kind: 'gap', at: at('01:25'), seconds: 7200, distance: 1000 },
      { kind: 'check_in', at: at('03:25'), id: 'v2', visit_id: 'v2', lat: 36.011, lng: 120 },
      { kind: 'check_in', at: at('05:00'), id: 'v3', visit_id: 'v3' },
    ])
    const legs = legsOf(day.pieces)
    expect(legs).toEqual([
      [
        { lat: 36, lng: 120 },
        { lat: 36.001, lng: 120 },
      ],
      [{ lat: 36.011, lng: 120 }],
    ])
    const ends = stubs(legs)
    expect(ends.map(([from, to]) => [from.lat.toFixed(4), to.lat.toFixed(4)])).toEqual([
      ['36.0010', '36.0032'],
      ['36.0088', '36.0110'],
    ])
  })

  it('adds up how far the visits lie apart', () => {
    expect(wayOf(events)).toBe(3200)
    expect(wayOf([{ kind: 'gap', at: null }])).toBe(0)
  })
})
