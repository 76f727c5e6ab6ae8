import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  add,
  compare,
  DecimalError,
  format,
  fromUnits,
  isDecimal,
  max,
  mul,
  negate,
  parseTyped,
  round,
  subtract,
  sum,
  toUnits,
  trim,
} from './decimal'

const limit = 10n ** 15n
const units = fc.bigInt({ min: -limit, max: limit })
const money = units.map((value) => fromUnits(value, 2))
const price = units.map((value) => fromUnits(value, 4))

describe('decimals', () => {
  it('adds what a float would spoil', () => {
    expect(add('0.10', '0.20')).toBe('0.30')
    expect(sum(Array.from({ length: 10 }, () => '0.10'))).toBe('1.00')
    expect(sum([])).toBe('0.00')
    expect(subtract('1.00', '1.01')).toBe('-0.01')
  })

  it('multiplies price by quantity and rounds half up, away from zero', () => {
    expect(mul('12.5000', '3.0000')).toBe('37.50')
    expect(mul('0.0050', '1.0000')).toBe('0.01')
    expect(mul('0.0049', '1.0000')).toBe('0.00')
    expect(mul('-0.0050', '1.0000')).toBe('-0.01')
    expect(mul('1.0050', '1.0000')).toBe('1.01')
    expect(mul('99999999999.9999', '99999999.9999')).toBe('9999999999989990000.00')
  })

  it('writes numbers for people', () => {
    expect(format('1234567.50')).toBe('1,234,567.50')
    expect(format('-1234.5', 2)).toBe('-1,234.50')
    expect(format('999')).toBe('999')
    expect(format('0.00')).toBe('0.00')
    expect(trim('3.0000')).toBe('3')
    expect(trim('2.5000')).toBe('2.5')
    expect(trim('100')).toBe('100')
    expect(trim('0.0000')).toBe('0')
  })

  it('reads what people type, and nothing else', () => {
    expect(parseTyped('１２．５', 4)).toBe('12.5000')
    expect(parseTyped('¥1,200', 2)).toBe('1200.00')
    expect(parseTyped('.5', 2)).toBe('0.50')
    expect(parseTyped('1.234', 2)).toBeNull()
    expect(parseTyped('1e3', 2)).toBeNull()
    expect(parseTyped('', 2)).toBeNull()
    expect(parseTyped('-', 2)).toBeNull()
    expect(() => toUnits('12abc', 2)).toThrow(DecimalError)
    expect(() => toUnits('', 2)).toThrow(DecimalError)
    expect(isDecimal('.')).toBe(false)
  })
})

describe('properties', () => {
  it('units and text are two writings of one number', () => {
    fc.assert(
      fc.property(units, fc.integer({ min: 0, max: 8 }), (n, places) => toUnits(fromUnits(n, places), places) === n),
    )
  })

  it('addition has an order that does not matter, and subtraction undoes it', () => {
    fc.assert(
      fc.property(money, money, (a, b) => {
        expect(add(a, b)).toBe(add(b, a))
        expect(subtract(add(a, b), b)).toBe(a)
        expect(add(a, negate(a))).toBe('0.00')
      }),
    )
  })

  it('a product is never further than half a cent from the exact one', () => {
    fc.assert(
      fc.property(price, price, (p, q) => {
        const exact = toUnits(p, 4) * toUnits(q, 4)
        const off = toUnits(mul(p, q), 2) * 1_000_000n - exact
        return (off < 0n ? -off : off) <= 500_000n
      }),
    )
  })

  it('rounding twice is rounding once, and comparing agrees with the units', () => {
    fc.assert(
      fc.property(price, price, (a, b) => {
        expect(round(round(a, 2), 2)).toBe(round(a, 2))
        expect(compare(a, b)).toBe(toUnits(a, 4) < toUnits(b, 4) ? -1 : toUnits(a, 4) > toUnits(b, 4) ? 1 : 0)
        expect(compare(max(a, b), a)).toBeGreaterThanOrEqual(0)
      }),
    )
  })

  it('what is shown can be read back', () => {
    fc.assert(fc.property(money, (a) => parseTyped(format(a), 2) === a))
  })
})
