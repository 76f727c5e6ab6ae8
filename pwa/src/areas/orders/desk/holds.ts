/** Why an order waits, in words and numbers, from what the server wrote into `hold_detail`. */
import { choiceLabel, errorText } from '@/ui/labels'

export interface HoldReason extends Record<string, unknown> {
  code: string
  /** CNY as decimal text, where the reason is the credit limit. */
  limit?: string
  debt?: string
  order_debt?: string
  excess?: string
}
export interface HoldDecision {
  decision: 'approve' | 'to_cash' | 'refuse'
  note: string | null
  by: string
  at: string
}
interface HoldDetail {
  reasons?: HoldReason[]
  decision?: HoldDecision
}

export const reasonsOf = (order: Record<string, unknown>): HoldReason[] =>
  (order.hold_detail as HoldDetail | null)?.reasons ?? []

export const decisionOf = (order: Record<string, unknown>): HoldDecision | null =>
  (order.hold_detail as HoldDetail | null)?.decision ?? null

/** The figures of a credit hold stand beside the sentence; the rest is said in it. */
export const reasonWords = (reason: HoldReason): string =>
  reason.code === 'credit_exceeded'
    ? choiceLabel('order', 'hold_reason', reason.code)
    : (errorText(reason.code, reason) ?? choiceLabel('order', 'hold_reason', reason.code))
