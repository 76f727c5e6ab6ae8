/** How receipts are called where they stand among others: by the way they came, or by what they are. */
import { choiceLabel, fieldLabel } from '@/ui/labels'
import { printPath } from '@/ui/look'

interface Receipt {
  id: string
  kind?: unknown
  order_id?: unknown
  reverses_id?: unknown
}

/** Money for an order is the usual; what an older version of the company wrote says no kind. */
export const isOfDeposit = (row: Receipt): boolean => !!row.kind && row.kind !== 'order'

/** `plain`: what money for an order is called here. */
export function receiptName(row: Receipt, plain: string): string {
  const name = isOfDeposit(row) ? choiceLabel('payment', 'kind', String(row.kind)) : plain
  return row.reverses_id ? `${fieldLabel('payment', 'reverses_id')} · ${name}` : name
}

/** Where a receipt is read away from the desk: with its order, `orders` being where those are; without one, as it is printed. */
export const receiptPath = (row: Receipt, orders = '/orders'): string =>
  row.order_id ? `${orders}/${String(row.order_id)}` : printPath('payment', row.id)
