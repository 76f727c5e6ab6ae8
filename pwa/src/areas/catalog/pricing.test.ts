import { describe, expect, it } from 'vitest'
import { PriceList, type LevelPrice } from './pricing'

const beer = { id: 'beer', price: '12.5000' }
const of = (level: string, price: string, who: Partial<LevelPrice>): LevelPrice => ({
  product_id: 'beer',
  level,
  price,
  ...who,
})
const buyer = { id: 'wang', group_id: 'chains', grade_id: 'gold' }

describe('the price of a product for a customer', () => {
  const grade = of('grade', '12.0000', { grade_id: 'gold' })
  const group = of('group', '11.8000', { group_id: 'chains' })
  const agreed = of('customer', '12.2000', { customer_id: 'wang' })

  it('is the list price when nobody agreed on another', () =>
    expect(new PriceList([], buyer).of(beer)).toEqual({ price: '12.5000', reason: 'list' }))
  it("is the grade's before the list's", () =>
    expect(new PriceList([grade], buyer).of(beer)).toEqual({ price: '12.0000', reason: 'grade' }))
  it("is the group's before the grade's, in whatever order they come", () => {
    for (const prices of [
      [grade, group],
      [group, grade],
    ])
      expect(new PriceList(prices, buyer).of(beer).reason).toBe('group')
  })
  it('is the one agreed with the customer before all, even when it is higher', () =>
    expect(new PriceList([grade, group, agreed], buyer).of(beer)).toEqual({ price: '12.2000', reason: 'customer' }))
  it("is never another customer's, or of no group at all", () => {
    const others = [of('customer', '1', { customer_id: 'li' }), of('group', '1', { group_id: null })]
    expect(new PriceList(others, { id: 'wang' }).of(beer).reason).toBe('list')
  })
})
