import { expect, it } from 'vitest'
import {
  emptyEntry,
  placeOf,
  priceOf,
  quantityOf,
  totalsOf,
  wireLines,
  type CompanyPrices,
  type EntryLine,
} from './entry'

const company: CompanyPrices = { beer: { price: '11.5000', reason: 'grade', since: '2026-11-01' } }
const line = (values: Partial<EntryLine> = {}): EntryLine => ({
  id: 'l1',
  product_id: 'beer',
  product_no: 'CP1',
  name: '青岛纯生',
  spec: '',
  unit: '箱',
  quantity: '10',
  price: null,
  ...values,
})

it("takes the company's price with its reason, or what somebody who may typed", () => {
  expect(priceOf(line(), company, true)).toEqual(company.beer)
  expect(priceOf(line({ price: '11' }), company, true)).toEqual({ price: '11.0000', reason: 'free' })
  expect(priceOf(line({ price: '11.50' }), company, true).reason).toBe('grade')
  expect(priceOf(line({ price: '11' }), company, false)).toEqual(company.beer)
  expect(priceOf(line({ price: 'abc' }), company, true).price).toBeNull()
  expect(priceOf(line({ price: '-1' }), company, true).price).toBeNull()
  expect(priceOf(line(), {}, true).price).toBeNull()
})

it('a line that is not touched keeps what was agreed; another quantity takes the price of today', () => {
  const was = { quantity: '10.0000', price: '12.0000', reason: 'list' as const }
  expect(priceOf(line({ was }), company, false).price).toBe('12.0000')
  expect(priceOf(line({ was, quantity: '11' }), company, true).price).toBe('11.5000')
  const free = { ...was, reason: 'free' as const }
  expect(priceOf(line({ was: free, quantity: '11' }), company, true)).toMatchObject({
    price: '12.0000',
    reason: 'free',
  })
  expect(priceOf(line({ was: free, quantity: '11' }), company, false).price).toBe('11.5000')
})

it('adds up as the server does, leaving out what cannot be read yet', () => {
  const entry = { ...emptyEntry('o1'), lines: [line({ quantity: '１０' }), line({ id: 'l2', quantity: '' })] }
  expect(quantityOf(entry.lines[0]!)).toBe('10.0000')
  expect(quantityOf(line({ quantity: '0' }))).toBeNull()
  const extras = { freight: '5.00', discount: '1.00', paid: '20.00' }
  expect(totalsOf(entry, company, true, extras)).toEqual({ goods_total: '115.00', payable: '120.00', debt: '99.00' })
  expect(wireLines({ ...entry, lines: [line()] }, company, true)).toEqual([
    { id: 'l1', product_id: 'beer', quantity: '10.0000', price: '11.5000', price_reason: 'grade' },
  ])
})

it('finds the place on the form the server speaks of', () => {
  const entry = { ...emptyEntry('o1'), lines: [line(), line({ id: 'l2' })] }
  expect(placeOf(entry, 'lines[1].quantity')).toEqual({ key: 'l2.quantity', name: 'quantity', ofLine: true })
  expect(placeOf(entry, 'discount')).toEqual({ key: 'discount', name: 'discount', ofLine: false })
})
