import { describe, expect, it } from 'vitest'
import type { OutboxOp } from '@/sync/types'
import { fixableOf, orderDraftOf } from './fix'

const op = (command: string, args: Record<string, unknown>, detail: Record<string, unknown> = {}): OutboxOp => ({
  id: 'op',
  seq: 1,
  command,
  version: 1,
  at: '2026-11-21T01:00:00.000Z',
  base: null,
  args,
  needs: [],
  employee: 'li',
  state: 'kept',
  about: null,
  result: { id: 'op', status: 'rejected', code: 'needs_phone', position: 3, detail },
  epoch: 'e',
  attention: 1,
})

describe('a refused op', () => {
  it('that made a record shows its fields and the one that was missing', () => {
    const fix = fixableOf(op('customer.create', { id: 'c', values: { name: '王记' } }, { field: 'mobile' }))!
    expect(fix.fields).toEqual(['mobile', 'name'])
    expect(fix.argsWith({ mobile: '13800001234', name: '王记' })).toEqual({
      id: 'c',
      values: { name: '王记', mobile: '13800001234' },
    })
  })
  it('that edited keeps what the fields had been', () => {
    const fix = fixableOf(op('contact.edit', { id: 'k', set: { phone: ['1', 'abc'], name: ['a', 'b'] } }))!
    expect(fix.values).toEqual({ phone: 'abc', name: 'b' })
    expect(fix.argsWith({ phone: '13900001111' })).toEqual({
      id: 'k',
      set: { phone: ['1', '13900001111'], name: ['a', 'b'] },
    })
  })
  it('that added a file under a name nobody takes gets another one, and the bytes that are here', () => {
    const args = { id: 'f', customer_id: 'c', name: 'con.txt', sha256: '0', size: 1 }
    const fix = fixableOf(op('attachment.add', args))!
    expect(fix.fields).toEqual(['name'])
    expect(fix.argsWith({ name: '合同.txt' })).toEqual({ ...args, name: '合同.txt' })
  })
  it('that a form cannot help is left alone', () => expect(fixableOf(op('visit.check_out', { id: 'v' }))).toBeNull())
  it('that was an order becomes a draft, prices set by hand included', () => {
    const lines = [
      { id: '1', product_id: 'beer', quantity: '3', price: '12.5000', price_reason: 'list' },
      { id: '2', product_id: 'cola', quantity: '1', price: '2.0000', price_reason: 'free' },
    ]
    const draft = orderDraftOf(op('order.place', { id: 'o', customer_id: 'c', discount: '99.00', lines }))!
    expect(draft.lines).toEqual([
      { id: '1', product_id: 'beer', quantity: '3' },
      { id: '2', product_id: 'cola', quantity: '1', price: '2.0000', reason: 'free' },
    ])
    expect(draft).toMatchObject({ discount: '99.00', freight: '0.00', remark: null })
  })
})
