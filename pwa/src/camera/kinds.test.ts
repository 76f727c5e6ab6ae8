// @vitest-environment node
import { expect, it } from 'vitest'
import { DEFAULT_KINDS, nextKind, progress } from './kinds'

const shelf = { kind: 'shelf' }
const storefront = { kind: 'storefront' }

it('says what is still missing', () => {
  const kinds = [{ code: 'shelf', required: 3 }, ...DEFAULT_KINDS.filter((kind) => kind.code !== 'shelf')]
  expect(
    progress(kinds, [shelf, storefront, storefront]).map((kind) => [kind.code, kind.taken, kind.missing]),
  ).toEqual([
    ['shelf', 1, 2],
    ['storefront', 2, 0],
    ['order_book', 0, 0],
    ['other', 0, 0],
  ])
})

it('leads the rep through the required kinds, whatever he began with', () => {
  expect(nextKind(DEFAULT_KINDS, [storefront], 'storefront')).toBe('shelf')
  expect(nextKind(DEFAULT_KINDS, [shelf], 'shelf')).toBe('storefront')
  expect(nextKind(DEFAULT_KINDS, [{ kind: 'other' }], 'other')).toBe('storefront')
})

it('stays where the rep is when a kind needs more, or nothing is missing', () => {
  expect(nextKind([{ code: 'shelf', required: 2 }, ...DEFAULT_KINDS], [shelf], 'shelf')).toBe('shelf')
  expect(nextKind(DEFAULT_KINDS, [shelf, storefront], 'order_book')).toBe('order_book')
})
