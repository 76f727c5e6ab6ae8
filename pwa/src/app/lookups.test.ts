import { describe, expect, it, vi } from 'vitest'
import type { Engine } from '@/sync/engine'
import type { Row } from '@/sync/types'
import { refsOf } from './lookups'

const request = vi.hoisted(() => vi.fn())
vi.mock('@/api/client', () => ({ request }))
vi.stubGlobal('navigator', { onLine: true })

const holding = (rows: Record<string, unknown>[]) =>
  ({ rows: () => Promise.resolve(rows as Row[]), get: () => Promise.resolve(undefined) }) as unknown as Engine

describe('finding what a form refers to', () => {
  it('offers the entries of the right list, in the company’s order, by any part of the name', async () => {
    const source = refsOf(
      holding([
        { id: 'b', name: '正式客户', list_name: 'customer_category', sort: 20, enabled: true },
        { id: 'a', name: '意向客户', list_name: 'customer_category', sort: 10, enabled: true },
        { id: 'c', name: '流失客户', list_name: 'customer_category', sort: 30, enabled: false },
        { id: 'u', name: '箱', list_name: 'unit', sort: 1, enabled: true },
      ]),
      'option',
    )
    expect((await source.find('', { list: 'customer_category', limit: 10 })).map((one) => one.id)).toEqual(['a', 'b'])
    expect((await source.find('正式', { list: 'customer_category', limit: 10 })).map((one) => one.id)).toEqual(['b'])
    expect(request).not.toHaveBeenCalled()
  })

  it('asks the company, too, for customers that this device does not hold', async () => {
    request.mockResolvedValueOnce({
      items: [
        { id: 'theirs', name: '王记超市' },
        { id: 'mine', name: '王家小店' },
      ],
    })
    const source = refsOf(holding([{ id: 'mine', name: '王家小店', enabled: true }]), 'customer')
    expect((await source.find('王', { list: null, limit: 10 })).map((one) => one.id)).toEqual(['mine', 'theirs'])
  })

  it('goes on with what is here when the company does not answer', async () => {
    request.mockRejectedValueOnce(new Error('offline'))
    const source = refsOf(holding([{ id: 'mine', name: '王家小店', enabled: true }]), 'customer')
    expect(await source.find('王', { list: null, limit: 10 })).toHaveLength(1)
  })
})
