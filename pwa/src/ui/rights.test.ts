import { afterEach, describe, expect, it, vi } from 'vitest'
import { declaredFields, fieldNamed, recordNamed } from './declarations'
import { format, known, sum, trim } from './decimal'
import { dial, isMasked, isMobile, rightIn, setFieldRights } from './rights'
import { isSortable } from './table/state'

describe('rights to amounts and numbers', () => {
  afterEach(() => {
    setFieldRights(undefined)
    vi.unstubAllGlobals()
  })

  it('hidden fields are in no form, list or filter, and others are not written', () => {
    const before = recordNamed('customer').fields.length
    setFieldRights({ money: 'hidden', 'customer.credit_limit': 'read', phone: 'masked' })
    expect(fieldNamed('customer', 'debt_total')).toBeNull()
    expect(fieldNamed('order_line', 'price')).toBeNull()
    expect(fieldNamed('customer', 'credit_limit')).toMatchObject({ readonly: true })
    expect(fieldNamed('customer', 'mobile')).toMatchObject({ fixed: true, masked: true, readonly: false })
    expect(isSortable(fieldNamed('customer', 'mobile')!)).toBe(false)
    expect(fieldNamed('customer', 'name')).toMatchObject({ readonly: false, fixed: false })
    // Who grants rights sees all there is.
    expect(declaredFields('customer').some(({ name }) => name === 'debt_total')).toBe(true)
    setFieldRights(undefined)
    expect(recordNamed('customer').fields).toHaveLength(before)
  })

  it('an amount that is not there is a dash, and counts nothing', () => {
    for (const missing of [null, undefined, '', 'null', 'undefined']) {
      expect(format(missing, 2)).toBe('–')
      expect(trim(missing)).toBe('')
      expect(sum([known(missing), '1.50'])).toBe('1.50')
    }
    expect(format('0', 2)).toBe('0.00')
  })

  it("a field's own entry comes before that of its group", () => {
    const said = { phone: 'hidden', 'customer.mobile': 'read' } as const
    expect(rightIn(said, 'customer', { name: 'mobile', kind: 'phone' })).toBe('read')
    expect(rightIn(said, 'customer', { name: 'fax', kind: 'phone' })).toBe('hidden')
    expect(rightIn(said, 'customer', { name: 'name', kind: 'text' })).toBe('edit')
  })

  it('a masked number is asked for when it is dialled, and only then', async () => {
    const asked: unknown[] = []
    const opened = { href: '' }
    vi.stubGlobal('location', opened)
    vi.stubGlobal('document', { documentElement: { lang: 'zh-CN' } })
    vi.stubGlobal('fetch', async (_: string, init: { body: string }) => {
      asked.push(JSON.parse(init.body))
      return new Response(JSON.stringify({ number: '13812341234' }), {
        headers: { 'content-type': 'application/json' },
      })
    })
    const place = { record: 'customer', id: 'c1', field: 'mobile' }
    await dial(place, '13812341234')
    expect(asked).toEqual([])
    await dial(place, '138****1234')
    expect(asked).toEqual([{ ...place, why: 'dial' }])
    expect(opened.href).toBe('tel:13812341234')
    await dial(place, '138****1234', 'message')
    expect(asked.at(-1)).toEqual({ ...place, why: 'message' })
    expect(opened.href).toBe('sms:13812341234')
    expect(isMasked('138****1234') && !isMasked('13812341234')).toBe(true)
  })

  it('a text message is written to mobiles alone', () => {
    for (const number of ['13812341234', '138****1234', '+86 138-1234-1234']) expect(isMobile(number)).toBe(true)
    for (const number of ['0532-88887777', '4008001234', '', null]) expect(isMobile(number)).toBe(false)
  })
})
