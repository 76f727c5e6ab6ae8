/** What the commands of orders and receipts do to the rows on this phone before the server has answered. */
import { reducer, type ReducerTx } from '@/sync/reducers'
import type { Row } from '@/sync/types'
import { add, compare, isNegative, isZero, max, negate, subtract } from '@/ui/decimal'
import { ownNames } from '../own'
import { amounts, goodsTotal, subtotal } from './totals'

export interface LineArgs {
  id: string
  product_id: string
  quantity: string
  price: string
  price_reason?: string
}

interface PlaceArgs {
  id: string
  customer_id: string
  visit_id?: string | null
  lines: LineArgs[]
  discount?: string
  freight?: string
  [header: string]: unknown
}

const text = (value: unknown): string => (typeof value === 'string' && value !== '' ? value : '0.00')

/** Product names and units stand in the line itself, so that an old order reads the same for ever. */
async function lineRow(tx: ReducerTx, order: { id: string; customer_id: string }, line: LineArgs, index: number) {
  const product = await tx.get('product', line.product_id)
  const unit = typeof product?.unit_id === 'string' ? await tx.get('option', product.unit_id) : undefined
  return {
    id: line.id,
    order_id: order.id,
    customer_id: order.customer_id,
    line_no: index + 1,
    product_id: line.product_id,
    product_no: product?.product_no ?? null,
    product_name: product?.name ?? '',
    spec_text: product?.spec_text ?? null,
    unit: unit?.name ?? null,
    price: line.price,
    price_reason: line.price_reason ?? 'list',
    quantity: line.quantity,
    subtotal: subtotal(line),
    created_at: tx.op.at,
    created_by: tx.op.employee,
  }
}

/**
 * What an order adds to its customer's debt and sales, as the company counts: approved orders bind, pending ones on
 * credit as soon as they are placed; one on hold, or pending for cash, does not.
 */
function weight(order: Row | null): { debt: string; sales: string } {
  if (!order) return { debt: '0.00', sales: '0.00' }
  const state = String(order.state)
  const sold = state === 'picking' || state === 'shipped' || state === 'completed'
  const onCredit = state === 'pending' && !order.hold_reason && order.settlement_mode === 'credit'
  return {
    debt: sold || onCredit || state === 'cancelled' ? text(order.debt) : '0.00',
    sales: sold ? text(order.payable) : '0.00',
  }
}

/** Brings the customer's totals up to date, unless the company's numbers contain this op already. */
async function carry(tx: ReducerTx, customerId: unknown, before: Row | null, after: Row | null): Promise<void> {
  const customer = await tx.get('customer', String(customerId))
  if (!customer || tx.contains(customer)) return
  const [was, is] = [weight(before), weight(after)]
  await tx.patch('customer', customer.id, {
    debt_total: add(text(customer.debt_total), subtract(is.debt, was.debt)),
    sales_total: add(text(customer.sales_total), subtract(is.sales, was.sales)),
  })
}

/** Changes an order, computes its amounts anew, and passes the difference on to the customer. */
async function change(tx: ReducerTx, before: Row, fields: Record<string, unknown>): Promise<void> {
  if (tx.contains(before)) return
  const after: Row = { ...before, ...fields }
  const totals = amounts(text(after.goods_total), text(after.freight), text(after.discount), text(after.paid))
  // A cancelled order owes nothing; what was paid for it is the customer's.
  if (after.state === 'cancelled') totals.debt = negate(text(after.paid))
  Object.assign(after, totals)
  await tx.patch('order', before.id, { ...fields, ...totals })
  await carry(tx, before.customer_id, before, after)
}

/** Where the company holds orders over the credit limit, this one will be. */
async function holdOf(tx: ReducerTx, customer: Row | undefined, debt: string): Promise<string | null> {
  if (!customer || customer.settlement_mode === 'cash') return null
  if (overCredit(customer.credit_limit, customer.debt_total, debt) === null) return null
  const [company] = await tx.where('company', 'root', 'company')
  return company?.credit_check === 'warn' ? null : 'credit_exceeded'
}

reducer('order.place', async (tx, { lines, discount, freight, own, ...header }: PlaceArgs) => {
  const there = await tx.get('order', header.id)
  if (there && there.rev > 0) return
  const customer = await tx.get('customer', header.customer_id)
  const totals = amounts(goodsTotal(lines), text(freight), text(discount), '0.00')
  await tx.put('order', {
    order_no: null,
    state: 'pending',
    hold_reason: await holdOf(tx, customer, totals.debt),
    settlement_mode: customer?.settlement_mode ?? 'credit',
    paid: '0.00',
    ordered_at: tx.op.at,
    clerk_id: tx.op.employee,
    created_at: tx.op.at,
    created_by: tx.op.employee,
    ...header,
    ...ownNames(own),
    freight: text(freight),
    discount: text(discount),
    ...totals,
  })
  for (const [index, line] of lines.entries()) await tx.put('order_line', await lineRow(tx, header, line, index))
  await carry(tx, header.customer_id, null, (await tx.get('order', header.id)) ?? null)
})

reducer('order.edit', async (tx, { id, set }: { id: string; set: Record<string, [unknown, unknown]> }) => {
  const fields = Object.fromEntries(Object.entries(set).map(([field, [, mine]]) => [field, mine]))
  const order = await tx.get('order', id)
  if (order) await change(tx, order, fields)
  else await tx.patch('order', id, fields)
})

reducer('order.change_lines', async (tx, { id, lines }: { id: string; lines: LineArgs[] }) => {
  const order = await tx.get('order', id)
  if (!order || tx.contains(order)) return
  const kept = new Set(lines.map((line) => line.id))
  for (const line of await tx.where('order_line', 'order_id', id)) {
    if (!kept.has(line.id)) await tx.remove('order_line', line.id)
  }
  const of = { id, customer_id: String(order.customer_id) }
  for (const [index, line] of lines.entries()) await tx.put('order_line', await lineRow(tx, of, line, index))
  await change(tx, order, { goods_total: goodsTotal(lines) })
})

type Step = (tx: ReducerTx, args: Record<string, unknown>) => Record<string, unknown>

const cancelled: Step = (tx, args) => ({
  state: 'cancelled',
  hold_reason: null,
  cancelled_by: tx.op.employee,
  cancelled_at: tx.op.at,
  cancel_reason: args.reason ?? args.note ?? null,
})
const steps: Record<string, Step> = {
  'order.approve': (tx) => ({ state: 'picking', approved_by: tx.op.employee, approved_at: tx.op.at }),
  'order.ship': (tx, args) => ({
    state: 'shipped',
    shipper_id: tx.op.employee,
    shipped_at: tx.op.at,
    logistics_id: args.logistics_id ?? null,
    waybill_no: args.waybill_no ?? null,
  }),
  'order.complete': (tx) => ({ state: 'completed', completed_at: tx.op.at }),
  'order.cancel': cancelled,
  'order.refuse': cancelled,
  'order.release': (tx, args) =>
    args.decision === 'refuse'
      ? cancelled(tx, args)
      : { hold_reason: null, ...(args.decision === 'to_cash' ? { settlement_mode: 'cash' } : {}) },
}
for (const [command, step] of Object.entries(steps)) {
  reducer(command, async (tx, args: { id: string } & Record<string, unknown>) => {
    const order = await tx.get('order', args.id)
    if (order) await change(tx, order, step(tx, args))
    else await tx.patch('order', args.id, {})
  })
}

reducer('order.delete', async (tx, { id }: { id: string }) => {
  const order = await tx.get('order', id)
  if (!order) return
  await carry(tx, order.customer_id, order, null)
  for (const line of await tx.where('order_line', 'order_id', id)) await tx.remove('order_line', line.id)
  await tx.remove('order', id)
})

interface PaymentArgs {
  id: string
  order_id: string
  amount: string
  method_id?: string | null
  paid_at: string
  remark?: string | null
}

reducer('payment.record', async (tx, args: PaymentArgs) => {
  const there = await tx.get('payment', args.id)
  if (there && there.rev > 0) return
  const order = await tx.get('order', args.order_id)
  const debt = text(order?.debt)
  const owed = max(debt, '0')
  const overpaid = compare(args.amount, owed) > 0 ? subtract(args.amount, owed) : '0.00'
  await putEntry(tx, 'order', { ...args, customer_id: order?.customer_id ?? null, overpaid }, '0.00')
  if (order) await change(tx, order, { paid: add(text(order.paid), args.amount) })
})

/** A receipt as it is until the company has answered; `deposit`: by how much the customer has more with the company. */
async function putEntry(
  tx: ReducerTx,
  kind: string,
  row: { id: string; customer_id: unknown; amount: string; [name: string]: unknown },
  deposit: string,
): Promise<void> {
  await tx.put('payment', {
    kind,
    order_id: null,
    method_id: null,
    overpaid: '0.00',
    paid_at: tx.op.at,
    ...row,
    deposit,
    operator_id: tx.op.employee,
    booked_at: null,
    created_at: tx.op.at,
    created_by: tx.op.employee,
  })
  const customer = isZero(deposit) ? null : await tx.get('customer', String(row.customer_id))
  if (!customer || tx.contains(customer)) return
  await tx.patch('customer', customer.id, { deposit_total: add(text(customer.deposit_total), deposit) })
}

interface DepositArgs {
  id: string
  customer_id: string
  amount: string
  method_id?: string | null
  paid_at?: string
  remark?: string | null
}

reducer('payment.top_up', async (tx, args: DepositArgs) => {
  const there = await tx.get('payment', args.id)
  if (!there || there.rev === 0) await putEntry(tx, 'top_up', { ...args }, args.amount)
})

reducer('payment.refund', async (tx, args: DepositArgs) => {
  const there = await tx.get('payment', args.id)
  const back = negate(args.amount)
  if (!there || there.rev === 0) await putEntry(tx, 'refund', { ...args, amount: back }, back)
})

reducer('payment.use', async (tx, args: Omit<PaymentArgs, 'method_id'>) => {
  const there = await tx.get('payment', args.id)
  if (there && there.rev > 0) return
  const order = await tx.get('order', args.order_id)
  await putEntry(tx, 'used', { ...args, customer_id: order?.customer_id ?? null }, negate(args.amount))
  if (order) await change(tx, order, { paid: add(text(order.paid), args.amount) })
})

reducer('payment.reverse', async (tx, { id, of, reason }: { id: string; of: string; reason: string }) => {
  const [there, wrong] = [await tx.get('payment', id), await tx.get('payment', of)]
  if ((there && there.rev > 0) || !wrong) return
  const { order_id, customer_id, method_id } = wrong
  const amount = negate(text(wrong.amount))
  const row = { id, order_id, customer_id, method_id, amount, remark: reason, reverses_id: of }
  await putEntry(tx, String(wrong.kind ?? 'order'), row, negate(text(wrong.deposit)))
  await tx.patch('payment', of, { reversed_at: tx.op.at })
  const order = order_id ? await tx.get('order', String(order_id)) : undefined
  if (order) await change(tx, order, { paid: add(text(order.paid), amount) })
})

reducer('payment.book', (tx, { id }: { id: string }) =>
  tx.patch('payment', id, { booked_at: tx.op.at, booked_by: tx.op.employee }),
)

/** Whether a customer's debt with this much more would pass the credit limit. No limit: never. */
export function overCredit(limit: unknown, debt: unknown, more: string): string | null {
  if (typeof limit !== 'string' || limit === '') return null
  const left = subtract(limit, add(text(debt), more))
  return isNegative(left) ? negate(left) : null
}
