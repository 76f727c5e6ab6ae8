import { describe, expect, it } from 'vitest'
import { gapHeight, lineOf } from './line'
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
    expect(lineOf([{ kind: 'gap', at: at('01:00'), seconds: 120 }]).pieces).toEqual([])
  })
})
