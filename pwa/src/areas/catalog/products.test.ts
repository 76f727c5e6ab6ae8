import { describe, expect, it } from 'vitest'
import { categoryTree, searchProducts, type Product } from './products'

const product = (id: string, values: Partial<Product>): Product => ({
  id,
  rev: 1,
  root: 'company',
  name: id,
  price: '1',
  ...values,
})
const shelf = [
  product('a', { name: '青岛啤酒 330ml', pinyin_code: 'qdpj330ml', product_no: 'PD00012', barcode: '6901035600012' }),
  product('b', { name: '崂山啤酒', pinyin_code: 'lspj', spec_text: '500ml×12' }),
  product('c', { name: '可乐', pinyin_code: 'kl', product_no: 'QD7' }),
]
const found = (query: string) =>
  searchProducts(shelf, query)
    .map((one) => one.id)
    .join('')

describe('finding products', () => {
  it('by pinyin, names that begin so first', () => expect(found('qd')).toBe('ac'))
  it('by part of the name', () => expect(found('啤酒')).toBe('ab'))
  it('by barcode, whole or its end', () => {
    expect(found('6901035600012')).toBe('a')
    expect(found('0012')).toBe('a')
  })
  it('by number and by specification', () => {
    expect(found('QD7')).toBe('c')
    expect(found('500ml')).toBe('b')
  })
  it('keeps all for nothing', () => expect(found('')).toBe('abc'))
})

it('a category has everything below it', () => {
  const rows = [
    { id: 'drinks', rev: 1, root: '' },
    { id: 'beer', rev: 1, root: '', parent_id: 'drinks' },
    { id: 'dark', rev: 1, root: '', parent_id: 'beer' },
    { id: 'food', rev: 1, root: '' },
  ]
  expect([...categoryTree(rows, 'drinks')].sort()).toEqual(['beer', 'dark', 'drinks'])
})
