/** The products of this phone: found by name, pinyin, number or barcode, and priced for one customer. */
import { computed, toValue, type ComputedRef, type MaybeRefOrGetter } from 'vue'
import type { Row } from '@/sync/types'
import { normalise } from '../customers/search'
import { useTable } from '../tables'
import { PriceList, type Buyer, type LevelPrice } from './pricing'

export interface Product extends Row {
  name: string
  product_no?: string | null
  pinyin_code?: string | null
  barcode?: string | null
  spec_text?: string | null
  unit_id?: string | null
  category_id?: string | null
  price: string
  stock?: string | null
  on_shelf?: boolean
}

export function useProducts(): ReturnType<typeof useTable<Product>> {
  return useTable<Product>('product')
}

/** The company's prices for this buyer, as this phone knows them. */
export function usePrices(buyer: MaybeRefOrGetter<Buyer | null | undefined>): ComputedRef<PriceList> {
  const prices = useTable('product_price')
  return computed(
    () => new PriceList((prices.value?.values() ?? []) as Iterable<LevelPrice & Row>, toValue(buyer) ?? { id: '' }),
  )
}

function rank(product: Product, word: string): number | null {
  const name = normalise(product.name)
  const number = (product.product_no ?? '').toLowerCase()
  if (product.barcode === word || number === word) return 0
  if (name.startsWith(word)) return 1
  if ((product.pinyin_code ?? '').startsWith(word)) return 2
  if (name.includes(word)) return 3
  if (number.includes(word)) return 4
  if ((product.pinyin_code ?? '').includes(word)) return 5
  if (normalise(product.spec_text ?? '').includes(word)) return 6
  return (product.barcode ?? '').endsWith(word) && word.length >= 4 ? 7 : null
}

/** Best first; every word must be found. The empty query keeps the order. */
export function searchProducts(products: readonly Product[], query: string): Product[] {
  const words = normalise(query).split(/\s+/).filter(Boolean)
  if (words.length === 0) return [...products]
  return products
    .flatMap((product) => {
      let total = 0
      for (const word of words) {
        const one = rank(product, word)
        if (one === null) return []
        total += one
      }
      return [{ product, total }]
    })
    .sort((a, b) => a.total - b.total)
    .map(({ product }) => product)
}

/** A category with everything below it, as ids. */
export function categoryTree(categories: Iterable<Row>, root: string): Set<string> {
  const all = [...categories]
  const found = new Set([root])
  for (let before = 0; before !== found.size;) {
    before = found.size
    for (const category of all) if (found.has(String(category.parent_id))) found.add(category.id)
  }
  return found
}
