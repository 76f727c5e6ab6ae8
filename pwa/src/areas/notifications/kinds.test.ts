// @vitest-environment happy-dom
import { beforeAll, describe, expect, it } from 'vitest'
import { setLanguage } from '@/app/i18n'
import { setTimeZone } from '@/ui/format'
import { kindLabel, kinds, placeOf, sentenceOf, type Notification } from './kinds'
import { keyBytes } from './push'

const row = (kind: string, more: Partial<Notification> = {}): Notification => ({
  id: 'n',
  rev: 1,
  root: 'employee:me',
  kind,
  record_type: null,
  record_id: null,
  args: null,
  read_at: null,
  created_at: '2026-11-28T02:00:00.000Z',
  ...more,
})

beforeAll(async () => {
  await setLanguage('zh-CN')
  setTimeZone('Asia/Shanghai')
})

describe('a notification in words', () => {
  it('fills moments in the company’s time and days as days', () => {
    const year = new Date().getFullYear()
    const args = { customer: '王记超市', next_at: `${year}-03-02T06:00:00.000Z` }
    expect(sentenceOf(row('customer.follow_up', { args }))).toBe('王记超市 约好 03-02 14:00 联系')
    const birthday = { customer: '王记超市', contact: '赵六', birthday_on: `${year}-03-02` }
    expect(sentenceOf(row('customer.birthday', { args: birthday }))).toBe('王记超市 的 赵六 03-02 过生日')
  })

  it('says the kind where a newer server tells of what this app does not know', () => {
    expect(sentenceOf(row('drone.landed', { args: { place: 'shop' } }))).toBe('drone.landed')
  })

  it('has a label and a sentence for every kind', () => {
    for (const kind of Object.keys(kinds())) {
      expect(kindLabel(kind)).not.toBe(kind)
      expect(sentenceOf(row(kind))).not.toBe(kindLabel(kind))
    }
  })
})

describe('where it leads', () => {
  it('opens the record', () => {
    const customer = row('customer.follow_up', { record_type: 'customer', record_id: 'c' })
    expect(placeOf(customer, 'phone', true)).toEqual({ path: '/customers/c' })
    const paper = row('approval.asked.customer.change', { record_type: 'approval', record_id: 'a' })
    expect(placeOf(paper, 'phone', false)).toEqual({ path: '/approvals/a' })
  })

  it('opens an order that is not on this device where it is read from the company', () => {
    const order = row('order.to_approve', { record_type: 'order', record_id: 'o' })
    expect(placeOf(order, 'tablet', false)).toEqual({ path: '/review/orders/o' })
    expect(placeOf(order, 'phone', true)).toEqual({ path: '/orders/o' })
    expect(placeOf(order, 'desk', false)).toEqual({ path: '/orders/o' })
  })

  it('opens the day of a suspect visit', () => {
    const args = { visitor: '张三', customer: '王记', visitor_id: 'v', begun_at: '2026-11-27T18:00:00.000Z' }
    const suspect = row('visit.suspect', { record_type: 'visit', record_id: 'x', args })
    expect(placeOf(suspect, 'tablet', false)).toEqual({
      path: '/team/people/v',
      query: { visit: 'x', day: '2026-11-28' },
    })
  })

  it('leads nowhere where there is nothing to open', () => {
    expect(placeOf(row('drone.landed'), 'phone', false)).toBeNull()
  })
})

it('reads the server’s key', () => {
  expect([...keyBytes('BP-_')]).toEqual([4, 255, 191])
})
