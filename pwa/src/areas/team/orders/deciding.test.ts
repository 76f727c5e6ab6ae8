import { expect, it } from 'vitest'
import { commandOf, decisionsFor } from './deciding'

const order = (values: Record<string, unknown> = {}) => ({
  id: 'o1',
  state: 'pending',
  hold_reason: null as string | null,
  settlement_mode: 'credit',
  ...values,
})

it('a waiting order is approved or refused, a held one released', () => {
  expect(decisionsFor(order())).toEqual(['approve', 'refuse'])
  expect(commandOf(order(), 'approve', '')).toEqual({ name: 'order.approve', args: { id: 'o1' } })
  const held = order({ hold_reason: 'credit_exceeded' })
  expect(decisionsFor(held)).toEqual(['approve', 'to_cash', 'refuse'])
  expect(commandOf(held, 'to_cash', '')).toEqual({ name: 'order.release', args: { id: 'o1', decision: 'to_cash' } })
})

it('a refusal carries its reason', () => {
  const held = order({ hold_reason: 'credit_exceeded' })
  expect(commandOf(order(), 'refuse', '价格太低')).toEqual({
    name: 'order.refuse',
    args: { id: 'o1', reason: '价格太低' },
  })
  expect(commandOf(held, 'refuse', '先收回欠款').args).toEqual({ id: 'o1', decision: 'refuse', note: '先收回欠款' })
})

it('what is approved can be cancelled, what is shipped cannot', () => {
  expect(decisionsFor(order({ state: 'picking' }))).toEqual(['cancel'])
  expect(commandOf(order({ state: 'picking' }), 'cancel', '客户取消').name).toBe('order.cancel')
  expect(decisionsFor(order({ state: 'shipped' }))).toEqual([])
})
