/** An order on the desk's form: as typed, as priced, as sent, and what is wrong with it. */
import type { RecordRow } from '@/api/records'
import { compare, parseTyped, PRICE, QUANTITY, trim } from '@/ui/decimal'
import type { PriceReason } from '../../catalog/pricing'
import type { LineArgs } from '../commands'
import { amounts, goodsTotal, type Amounts } from '../totals'

/** Numbers are kept as they were typed. */
export interface EntryLine {
  id: string
  product_id: string
  product_no: string
  name: string
  spec: string
  unit: string
  quantity: string
  /** Only where somebody typed another than the company's. */
  price: string | null
  /** As the order has it already, while its lines are changed. */
  was?: { quantity: string; price: string; reason: PriceReason }
}

export interface Entry {
  /** The order's id: one for the form's whole life, so that handing in twice makes one order. */
  id: string
  customer: { id: string; name: string } | null
  visit_id: string | null
  lines: EntryLine[]
  header: Record<string, unknown>
  /** Of the order whose lines are changed, when they were read. */
  rev?: number
}

/** What the company asks of this customer, per product. */
export type CompanyPrices = Readonly<Record<string, { price: string; reason: PriceReason; since: string | null }>>

export const headerFields = [
  'customer_department_id',
  'terminal_id',
  'consignee',
  'consignee_mobile',
  'address',
  'delivery_time',
  'remark',
  'freight',
  'discount',
] as const

export const emptyEntry = (id: string): Entry => ({ id, customer: null, visit_id: null, lines: [], header: {} })

export const started = (entry: Entry): boolean =>
  entry.lines.length > 0 || Object.values(entry.header).some((value) => value !== null && value !== '')

/**
 * The price a line will have and why, as the server decides (server/orders/lines.py): typed by hand; else, on a line
 * that was not touched, as it was agreed; else the company's today. Null while that is not known, or cannot be read.
 */
export function priceOf(
  line: EntryLine,
  company: CompanyPrices,
  mayFree: boolean,
): { price: string | null; reason: PriceReason } {
  const ours = company[line.product_id]
  if (line.price !== null && mayFree) {
    const price = parseTyped(line.price, PRICE)
    if (price !== null && ours && compare(price, ours.price) === 0) return ours
    return { price: price !== null && compare(price, '0') >= 0 ? price : null, reason: 'free' }
  }
  const { was } = line
  const quantity = quantityOf(line)
  const untouched = was && quantity !== null && compare(quantity, was.quantity) === 0
  if (was && (untouched || (was.reason === 'free' && mayFree))) return was
  return ours ?? { price: null, reason: 'list' }
}

/** Null when it is no number above zero. */
export function quantityOf(line: EntryLine): string | null {
  const quantity = parseTyped(line.quantity, QUANTITY)
  return quantity !== null && compare(quantity, '0') > 0 ? quantity : null
}

/** The order's lines as the form starts with them. */
export const linesFrom = (rows: readonly RecordRow[]): EntryLine[] =>
  rows.map((row) => ({
    id: row.id,
    product_id: String(row.product_id),
    product_no: String(row.product_no ?? ''),
    name: String(row.product_name),
    spec: String(row.spec_text ?? ''),
    unit: String(row.unit ?? ''),
    quantity: trim(String(row.quantity)),
    price: null,
    was: {
      quantity: String(row.quantity),
      price: String(row.price),
      reason: row.price_reason as PriceReason,
    },
  }))

/** What counts so far: lines that cannot be read yet are left out. */
export function totalsOf(
  entry: Entry,
  company: CompanyPrices,
  mayFree: boolean,
  fixed: { freight: string; discount: string; paid: string },
): Amounts {
  const priced = entry.lines.flatMap((line) => {
    const { price } = priceOf(line, company, mayFree)
    const quantity = quantityOf(line)
    return price === null || quantity === null ? [] : [{ price, quantity }]
  })
  return amounts(goodsTotal(priced), fixed.freight, fixed.discount, fixed.paid)
}

/** As `order.place` and `order.change_lines` take them; the caller has looked for complaints first. */
export const wireLines = (entry: Entry, company: CompanyPrices, mayFree: boolean): Partial<LineArgs>[] =>
  entry.lines.map((line) => {
    const { price, reason } = priceOf(line, company, mayFree)
    return {
      id: line.id,
      product_id: line.product_id,
      quantity: quantityOf(line) ?? line.quantity,
      ...(price === null ? {} : { price, price_reason: reason }),
    }
  })

/** `lines[2].quantity` → that line's place on the form, `<line id>.quantity`; other fields as they are. */
export function placeOf(entry: Entry, field: string): { key: string; name: string; ofLine: boolean } {
  const found = /^lines\[(\d+)\]\.(\w+)$/.exec(field)
  const line = found && entry.lines[Number(found[1])]
  return line
    ? { key: `${line.id}.${found[2]}`, name: found[2]!, ofLine: true }
    : { key: field, name: field, ofLine: false }
}
