import { describe, expect, it } from 'vitest'
import { arranged, banded, moved, toKeep, turned, USUAL, type Placed, type Place } from './arranging'

const KNOWN = USUAL.leader.map(({ part }) => part)
const names = (places: readonly Place[]) => places.map(({ part }) => part)
const shown = (places: readonly Place[]) => places.flatMap(({ part, shown: on }) => (on ? [part] : []))

describe('a start page', () => {
  it('is as the product has it while nobody has said anything, by role and size', () => {
    expect(names(arranged(KNOWN, 'leader', 'desk', null, undefined))).toEqual(KNOWN)
    expect(shown(arranged(KNOWN, 'leader', 'desk'))).not.toContain('today.day')
    expect(shown(arranged(KNOWN, 'leader', 'phone'))).toContain('today.day')
    expect(shown(arranged(KNOWN, 'field', 'desk')).slice(0, 3)).toEqual(['today.figures', 'portal.todo', 'today.day'])
  })

  it('is as the person has arranged it, else as the role has it', () => {
    const mine: Placed[] = [{ part: 'followups.due' }, { part: 'portal.todo', shown: false }]
    const role: Placed[] = [{ part: 'customers.funnel' }]
    expect(names(arranged(KNOWN, 'leader', 'desk', mine, role))[0]).toBe('followups.due')
    expect(shown(arranged(KNOWN, 'leader', 'desk', mine, role))).not.toContain('portal.todo')
    expect(names(arranged(KNOWN, 'leader', 'desk', null, role))).toContain('portal.todo')
    expect(arranged(KNOWN, 'leader', 'desk', [], role).length).toBe(KNOWN.length)
  })

  it('puts a part that came later behind what it stands behind by default, and first where nothing does', () => {
    const said: Placed[] = [{ part: 'notifications.latest' }, { part: 'portal.todo' }]
    const found = names(arranged(['portal.todo', 'team.today', 'notifications.latest'], 'leader', 'desk', said))
    expect(found).toEqual(['notifications.latest', 'portal.todo', 'team.today'])
    expect(names(arranged(['portal.todo', 'team.today'], 'leader', 'desk', [{ part: 'team.today' }]))).toEqual([
      'portal.todo',
      'team.today',
    ])
  })

  it('hides and shows on every size what somebody has said so of, and leaves the rest to the size', () => {
    const places = turned(arranged(KNOWN, 'leader', 'desk'), 'customers.funnel', false)
    const kept = toKeep(moved(places, KNOWN.indexOf('portal.todo'), 99), null)
    expect(kept.at(-1)).toEqual({ part: 'portal.todo' })
    expect(kept).toContainEqual({ part: 'customers.funnel', shown: false })
    expect(shown(arranged(KNOWN, 'leader', 'phone', kept))).toContain('today.day')
    expect(shown(arranged(KNOWN, 'leader', 'phone', kept))).not.toContain('customers.funnel')
    expect(shown(arranged(KNOWN, 'leader', 'desk', kept))).not.toContain('today.day')
  })

  it('keeps what another version or another right has said, and does not show it', () => {
    const before: Placed[] = [{ part: 'stock.low', shown: true }, { part: 'portal.todo' }]
    const places = arranged(KNOWN, 'leader', 'desk', before)
    expect(names(places)).not.toContain('stock.low')
    expect(toKeep(places, before)).toContainEqual({ part: 'stock.low', shown: true })
    expect(names(arranged(['portal.todo'], 'leader', 'desk', before))).toEqual(['portal.todo'])
  })

  it('moves within its ends', () => {
    expect(moved(['a', 'b', 'c'], 0, 1)).toEqual(['b', 'a', 'c'])
    expect(moved(['a', 'b', 'c'], 2, -5)).toEqual(['c', 'a', 'b'])
    expect(moved(['a', 'b'], 7, 0)).toEqual(['a', 'b'])
  })

  it('stands in one column on the phone, and in two between wide parts elsewhere', () => {
    const parts = [{ name: 'a', wide: true }, { name: 'b' }, { name: 'c' }, { name: 'd' }, { name: 'e', wide: true }]
    const columns = (count: number) =>
      banded(parts, count).map((band) => band.columns.map((one) => one.map((p) => p.name)))
    expect(columns(1)).toEqual([[['a']], [['b']], [['c']], [['d']], [['e']]])
    expect(columns(2)).toEqual([[['a']], [['b', 'd'], ['c']], [['e']]])
  })
})
