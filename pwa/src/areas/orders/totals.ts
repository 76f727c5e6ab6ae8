/**
 * The amounts of an order, computed as the server computes them: a line's subtotal is price × quantity rounded half up
 * to the cent, payable = goods + freight, debt = payable − discount − paid.
 */
import { add, known, mul, subtract, sum, trim } from '@/ui/decimal'

export interface Priced {
  price: string
  quantity: string
}

export interface Amounts {
  goods_total: string
  payable: string
  debt: string
}

export const subtotal = ({ price, quantity }: Priced): string => mul(known(price), known(quantity))

export const goodsTotal = (lines: Iterable<Priced>): string => sum(Array.from(lines, subtotal))

export function amounts(goods: string, freight: string, discount: string, paid: string): Amounts {
  const payable = add(goods, freight)
  return { goods_total: goods, payable, debt: subtract(subtract(payable, discount), paid) }
}

/** How many pieces, of whatever unit: what the bar at the foot says. */
export const pieces = (lines: Iterable<Priced>): string =>
  trim(
    sum(
      Array.from(lines, (line) => line.quantity),
      4,
    ),
  )
