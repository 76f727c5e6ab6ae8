/** An order as `/api/orders/<id>/full` gives it. Money is decimal text. */
/** Why an order waits: the code of the sentence and its numbers. */
export type HoldReason = { code: string } & Record<string, unknown>

export interface OrderRow {
  id: string
  order_no: string | null
  customer_id: string
  visit_id: string | null
  state: string
  hold_reason: string | null
  hold_detail: {
    reasons?: HoldReason[]
    decision?: { decision: string; note: string | null; by: string; at: string }
  } | null
  settlement_mode: string
  consignee: string | null
  consignee_mobile: string | null
  address: string | null
  delivery_time: string | null
  goods_total: string
  freight: string
  payable: string
  discount: string
  paid: string
  debt: string
  ordered_at: string
  clerk_id: string
  approved_by: string | null
  approved_at: string | null
  remark: string | null
  cancel_reason: string | null
}

export interface LineRow {
  id: string
  line_no: number
  product_name: string
  spec_text: string | null
  unit: string | null
  price: string
  price_reason: string
  quantity: string
  subtotal: string
}

export interface PaymentRow {
  id: string
  kind?: string
  reverses_id?: string | null
  amount: string
  paid_at: string
  booked_at: string | null
  method_id: string | null
  operator_id: string
}

export interface FullOrder {
  order: OrderRow & { refs?: Record<string, Record<string, string>> }
  lines: LineRow[]
  payments: PaymentRow[]
}
