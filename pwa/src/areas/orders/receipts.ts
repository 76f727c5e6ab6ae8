/** How receipts are called where they stand among others: by the way they came, or by what they are. */
import { choiceLabel, fieldLabel } from '@/ui/labels'

type Receipt = Record<string, unknown>

/** Money for an order is the usual; what an older version of the company wrote says no kind. */
export const isOfDeposit = (row: Receipt): boolean => !!row.kind && row.kind !== 'order'

/** `plain`: what money for an order is called here. */
export function receiptName(row: Receipt, plain: string): string {
  const name = isOfDeposit(row) ? choiceLabel('payment', 'kind', String(row.kind)) : plain
  return row.reverses_id ? `${fieldLabel('payment', 'reverses_id')} · ${name}` : name
}
