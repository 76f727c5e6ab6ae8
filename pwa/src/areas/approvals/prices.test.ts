import { describe, expect, test } from 'vitest'
import { asSet } from './prices'

describe('agreed prices that are asked for', () => {
  test('a new one, a changed one and one that ends', () => {
    expect(
      asSet([
        { product_id: 'a', before: null, price: '1.80' },
        { product_id: 'b', before: '2.0000', price: '1,5' },
        { product_id: 'c', before: '3.0000', price: '' },
      ]),
    ).toEqual({
      'product_price.price:a': [null, '1.80'],
      'product_price.price:b': ['2.0000', '1.5'],
      'product_price.price:c': ['3.0000', null],
    })
  })

  test('half a line and a price as it is ask for nothing', () => {
    expect(
      asSet([
        { product_id: null, before: null, price: '1.80' },
        { product_id: 'a', before: null, price: ' ' },
        { product_id: 'b', before: '2.0000', price: '2' },
      ]),
    ).toEqual({})
  })
})
