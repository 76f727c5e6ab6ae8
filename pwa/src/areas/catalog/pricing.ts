/**
 * What a customer pays for a product, and why: the price agreed with the customer, else the group's, else the grade's,
 * else the list price. The server decides when the order arrives (server/catalog/pricing.py); this is the same rule on
 * the prices this phone knows.
 */
export type PriceReason = 'customer' | 'group' | 'grade' | 'list' | 'free'

export interface Price {
  price: string
  reason: PriceReason
}

export interface LevelPrice {
  product_id: string
  level: string
  customer_id?: string | null
  group_id?: string | null
  grade_id?: string | null
  price: string
}

export interface Buyer {
  id: string
  group_id?: string | null
  grade_id?: string | null
}

/** The level prices that concern one buyer, by product: looked up once an order, asked for every row. */
export class PriceList {
  private readonly found = new Map<string, Price & { rank: number }>()

  constructor(prices: Iterable<LevelPrice>, buyer: Buyer) {
    for (const { product_id, level, customer_id, group_id, grade_id, price } of prices) {
      const rank =
        level === 'customer' && customer_id === buyer.id
          ? 1
          : level === 'group' && group_id != null && group_id === buyer.group_id
            ? 2
            : level === 'grade' && grade_id != null && grade_id === buyer.grade_id
              ? 3
              : null
      if (rank === null) continue
      const known = this.found.get(product_id)
      if (!known || rank < known.rank) this.found.set(product_id, { price, reason: level as PriceReason, rank })
    }
  }

  of(product: { id: string; price: string }): Price {
    const level = this.found.get(product.id)
    return level ? { price: level.price, reason: level.reason } : { price: product.price, reason: 'list' }
  }
}
