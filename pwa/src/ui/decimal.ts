/**
 * Fixed-decimal arithmetic on strings, as the wire has them: money with 2 decimals, prices and quantities with 4.
 *
 * A decimal is a string such as "-12.50". Inside it is a BigInt of its smallest unit, so nothing is ever rounded unless
 * a function says so. Rounding is half up, away from zero, as the server and the trade do it.
 */

export const MONEY = 2
export const PRICE = 4
export const QUANTITY = 4

const shape = /^([+-]?)(\d*)(?:\.(\d*))?$/

export class DecimalError extends Error {}

/** Whether a text is a decimal with at most `places` digits after the point. */
export function isDecimal(text: string, places = 20): boolean {
  const match = shape.exec(text.trim())
  return !!match && (match[2] || match[3] || '') !== '' && (match[3] ?? '').length <= places
}

/** The value in units of 10^-places. Digits beyond `places` are rounded half up. Throws DecimalError on other text. */
export function toUnits(text: string, places: number): bigint {
  const match = shape.exec(text.trim())
  const whole = match?.[2] ?? ''
  const fraction = match?.[3] ?? ''
  if (!match || whole + fraction === '') throw new DecimalError(`not a decimal: ${text}`)
  const kept = fraction.slice(0, places).padEnd(places, '0')
  let units = BigInt((whole || '0') + kept)
  if (fraction.length > places && fraction.charAt(places) >= '5') units += 1n
  return match[1] === '-' ? -units : units
}

export function fromUnits(units: bigint, places: number): string {
  const digits = (units < 0n ? -units : units).toString().padStart(places + 1, '0')
  const sign = units < 0n ? '-' : ''
  if (places === 0) return sign + digits
  return `${sign}${digits.slice(0, -places)}.${digits.slice(-places)}`
}

/** n / d rounded half away from zero; d > 0. */
function divideHalfUp(n: bigint, d: bigint): bigint {
  const doubled = (n < 0n ? -n : n) * 2n + d
  const rounded = doubled / (2n * d)
  return n < 0n ? -rounded : rounded
}

export function round(value: string, places: number): string {
  return fromUnits(toUnits(value, places), places)
}

export function add(a: string, b: string, places = MONEY): string {
  return fromUnits(toUnits(a, places) + toUnits(b, places), places)
}

export function subtract(a: string, b: string, places = MONEY): string {
  return fromUnits(toUnits(a, places) - toUnits(b, places), places)
}

export function negate(a: string, places = MONEY): string {
  return fromUnits(-toUnits(a, places), places)
}

export function sum(values: Iterable<string>, places = MONEY): string {
  let total = 0n
  for (const value of values) total += toUnits(value, places)
  return fromUnits(total, places)
}

/** Price (4 decimals) × quantity (4 decimals), rounded once to `places`: the amount of an order line. */
export function mul(price: string, quantity: string, places = MONEY): string {
  const exact = toUnits(price, PRICE) * toUnits(quantity, QUANTITY)
  return fromUnits(divideHalfUp(exact, 10n ** BigInt(PRICE + QUANTITY - places)), places)
}

/** -1, 0 or 1; compares up to 8 decimals. */
export function compare(a: string, b: string): -1 | 0 | 1 {
  const left = toUnits(a, 8)
  const right = toUnits(b, 8)
  return left < right ? -1 : left > right ? 1 : 0
}

export const isZero = (a: string): boolean => compare(a, '0') === 0
export const isNegative = (a: string): boolean => compare(a, '0') < 0
export const max = (a: string, b: string): string => (compare(a, b) < 0 ? b : a)
export const min = (a: string, b: string): string => (compare(a, b) > 0 ? b : a)

/** An amount that this person may not read has no value in a row; screens that make a text of it get this. */
export const isMissing = (value: string | null | undefined): boolean =>
  value == null || value === '' || value === 'null' || value === 'undefined'

/** An amount to calculate with: what is missing counts nothing. */
export const known = (value: string | null | undefined): string => (isMissing(value) ? '0' : value!)

/** "1234567.50" → "1,234,567.50"; what is missing is a dash. `places` rounds; without it the digits stay as they are. */
export function format(value: string | null | undefined, places?: number): string {
  if (isMissing(value)) return '–'
  value = value!
  const text = places === undefined ? value.trim() : round(value, places)
  const [whole = '0', fraction] = text.replace(/^[+-]/, '').split('.')
  const grouped = (whole || '0').replace(/\B(?=(\d{3})+$)/g, ',')
  return (text.startsWith('-') ? '-' : '') + grouped + (fraction === undefined ? '' : `.${fraction}`)
}

/** A quantity as people write it: "3.0000" → "3", "2.5000" → "2.5". */
export function trim(value: string | null | undefined): string {
  if (isMissing(value)) return ''
  value = value!
  return value.includes('.') ? value.replace(/\.?0+$/, '') || '0' : value
}

/** What a person typed, as a decimal of `places`: accepts full-width digits, commas and blanks. Null if it is none. */
export function parseTyped(typed: string, places: number): string | null {
  const plain = typed
    .replace(/[０-９]/g, (digit) => String.fromCharCode(digit.charCodeAt(0) - 0xfee0))
    .replace(/[．。]/g, '.')
    .replace(/－/g, '-')
    .replace(/[,，\s¥￥]/g, '')
  return isDecimal(plain, places) ? round(plain, places) : null
}
