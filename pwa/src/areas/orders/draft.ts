/** An order while it is written: what the customer wants, priced as this phone knows, kept until it is handed in. */
import { computed, ref, toValue, watch, type ComputedRef, type MaybeRefOrGetter } from 'vue'
import type { Row } from '@/sync/types'
import { useDraft, useEngine, useRow, useRows } from '@/sync/vue'
import { compare, isZero } from '@/ui/decimal'
import type { PriceReason } from '../catalog/pricing'
import { usePrices, useProducts, type Product } from '../catalog/products'
import type { Customer } from '../customers/types'
import { overCredit } from './commands'
import { amounts, goodsTotal, pieces, subtotal } from './totals'

/** `price` only where somebody set it by hand, or where the order had it before; else the company's counts. */
export interface DraftLine {
  id: string
  product_id: string
  quantity: string
  price?: string
  reason?: PriceReason
}

export interface OrderDraft {
  lines: DraftLine[]
  discount: string
  freight: string
  terminal_id: string | null
  /** Drafts from before there were any have none. */
  customer_department_id?: string | null
  consignee: string | null
  consignee_mobile: string | null
  address: string | null
  delivery_time: string | null
  remark: string | null
  /** Own fields, by name. Drafts from before there were any have none. */
  own?: Record<string, unknown>
}

export interface PricedLine extends DraftLine {
  product: Product
  price: string
  reason: PriceReason
  subtotal: string
}

const empty = (): OrderDraft => ({
  lines: [],
  discount: '0.00',
  freight: '0.00',
  terminal_id: null,
  customer_department_id: null,
  consignee: null,
  consignee_mobile: null,
  address: null,
  delivery_time: null,
  remark: null,
})

/** `order`: an order that waits for approval and whose lines are changed. */
export function useOrderDraft(of: { customer: MaybeRefOrGetter<string>; order?: string }) {
  const engine = useEngine()
  const customer = useRow<Customer>('customer', of.customer)
  const products = useProducts()
  const prices = usePrices(customer)
  const key = of.order ? `order/${of.order}/lines` : `order/new/${toValue(of.customer)}`
  const draft = useDraft<OrderDraft>(key, empty)
  const value = draft.value
  /** Products of an earlier order that cannot be ordered any more. */
  const left = ref<string[]>([])

  const existing = useRows('order_line', { index: 'order_id', value: () => of.order ?? null })
  if (of.order) {
    watch([existing, draft.loaded], ([rows, loaded]) => {
      if (!rows || !loaded || draft.restored.value || value.value.lines.length > 0) return
      const sorted = [...rows].sort((a, b) => Number(a.line_no) - Number(b.line_no))
      value.value.lines = sorted.map((row) => ({
        id: row.id,
        product_id: String(row.product_id),
        quantity: String(row.quantity),
        price: String(row.price),
        reason: row.price_reason as PriceReason,
      }))
    })
  }

  const lines: ComputedRef<PricedLine[]> = computed(() =>
    value.value.lines.flatMap((line) => {
      const product = products.value?.get(line.product_id)
      if (!product) return []
      const company = prices.value.of(product)
      const price = line.price ?? company.price
      const reason = line.reason ?? company.reason
      return [{ ...line, product, price, reason, subtotal: subtotal({ price, quantity: line.quantity }) }]
    }),
  )
  const totals = computed(() => amounts(goodsTotal(lines.value), value.value.freight, value.value.discount, '0.00'))

  function quantityOf(productId: string): string {
    return value.value.lines.find((line) => line.product_id === productId)?.quantity ?? '0'
  }
  function setQuantity(productId: string, quantity: string): void {
    const at = value.value.lines.findIndex((line) => line.product_id === productId)
    if (isZero(quantity) || compare(quantity, '0') < 0) {
      if (at >= 0) value.value.lines.splice(at, 1)
    } else if (at >= 0) value.value.lines[at]!.quantity = quantity
    else value.value.lines.push({ id: engine.newId(), product_id: productId, quantity })
  }
  /** Null: the company's price again. */
  function setPrice(productId: string, price: string | null): void {
    const line = value.value.lines.find((one) => one.product_id === productId)
    if (!line) return
    if (price === null) {
      delete line.price
      delete line.reason
    } else Object.assign(line, { price, reason: 'free' })
  }
  /** The same again, at today's prices. */
  function repeat(rows: readonly Row[]): void {
    left.value = []
    for (const row of [...rows].sort((a, b) => Number(a.line_no) - Number(b.line_no))) {
      const product = products.value?.get(String(row.product_id))
      if (product && product.on_shelf !== false) setQuantity(product.id, String(row.quantity))
      else left.value.push(String(row.product_name))
    }
  }

  return {
    customer,
    products,
    prices,
    draft,
    value,
    lines,
    totals,
    left,
    count: computed(() => pieces(lines.value)),
    /** By how much the order would pass the credit limit; null when it does not. */
    over: computed(() =>
      customer.value && customer.value.settlement_mode !== 'cash'
        ? overCredit(customer.value.credit_limit, customer.value.debt_total, totals.value.debt)
        : null,
    ),
    quantityOf,
    setQuantity,
    setPrice,
    repeat,
  }
}

export type OrderInHand = ReturnType<typeof useOrderDraft>
