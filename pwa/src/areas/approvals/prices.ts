/** Agreed prices that somebody asks for, as the command takes them. */
export interface AskedPrice {
  product_id: string | null
  /** As it was when the product was chosen. */
  before: string | null
  price: string
}

/** Only whole lines, and only prices that would be others; an empty price ends the agreed one. */
export function asSet(asked: readonly AskedPrice[]): Record<string, [unknown, unknown]> {
  const found: Record<string, [unknown, unknown]> = {}
  for (const { product_id, before, price } of asked) {
    const wanted = price.trim().replace(',', '.')
    if (!product_id || (wanted === '' && before === null)) continue
    if (before !== null && Number(before) === Number(wanted) && wanted !== '') continue
    found[`product_price.price:${product_id}`] = [before, wanted === '' ? null : wanted]
  }
  return found
}
