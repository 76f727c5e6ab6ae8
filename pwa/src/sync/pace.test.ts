import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Pace } from './pace'

const KB = 1024

describe('the pace of photos', () => {
  it('begins carefully, or with what the browser believes', () => {
    expect(new Pace().piece).toBe(128 * KB)
    expect(new Pace(8).piece).toBe(32 * KB)
    expect(new Pace(1_250).piece).toBe(896 * KB)
  })

  it.each([
    { name: '2G', rate: 5, piece: 32, parallel: 1 },
    { name: '3G', rate: 60, piece: 160, parallel: 1 },
    { name: 'slow 4G', rate: 200, piece: 576, parallel: 2 },
    { name: 'Wi-Fi', rate: 3_000, piece: 2_048, parallel: 3 },
  ])('is three seconds a piece on $name', ({ rate, piece, parallel }) => {
    const pace = new Pace()
    for (let n = 0; n < 8; n++) pace.arrived(pace.piece, pace.piece / rate, 1)
    expect(Math.round(pace.piece / KB)).toBe(piece)
    expect(pace.parallel).toBe(parallel)
  })

  it('counts a line that several share as one line', () => {
    const pace = new Pace()
    for (let n = 0; n < 8; n++) pace.arrived(60_000, 1_000, 2)
    expect(pace.parallel).toBe(2)
  })

  it('halves when pieces are cut off, and never leaves its bounds', () => {
    const pace = new Pace()
    pace.arrived(1_000_000, 1_000, 1)
    const before = pace.piece
    pace.failed()
    expect(pace.piece).toBeLessThanOrEqual(before / 2 + 32 * KB)
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(5_000_000), fc.nat(60_000), fc.boolean())), (events) => {
        const any = new Pace()
        for (const [bytes, ms, fails] of events) {
          if (fails) any.failed()
          else any.arrived(bytes, ms, 1)
          expect(any.piece).toBeGreaterThanOrEqual(32 * KB)
          expect(any.piece).toBeLessThanOrEqual(2_048 * KB)
          expect([1, 2, 3]).toContain(any.parallel)
        }
      }),
    )
  })
})
