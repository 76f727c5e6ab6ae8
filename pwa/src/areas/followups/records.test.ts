/** What a contact record does on the phone before the company has answered, and whom one is to speak with. */
import 'fake-indexeddb/auto'
import { beforeEach, describe, expect, it } from 'vitest'
import type { Engine } from '@/sync/engine'
import { appReducers } from '@/sync/reducers'
import { Phone } from '@/sync/testing/phone'
import { ModelServer } from '@/sync/testing/server'
import type { Declarations } from '@/sync/types'
import { addDays, today } from '@/ui/format'
import declared from '../../generated/declarations.json'
import '../customers/commands'
import type { Customer } from '../customers/types'
import './commands'
import { isLate, sooner, type Complaint } from './complaints'
import { dueOf, methodOf } from './records'

let engine: Engine
let shop: string
beforeEach(async () => {
  const phone = new Phone(new ModelServer(), 'li', declared as unknown as Declarations)
  engine = await phone.start({ reducers: appReducers })
  await engine.loggedIn({ id: 'li' })
  shop = engine.newId()
  await engine.submit('customer.create', { id: shop, values: { name: '王记超市', mobile: '13800000001' } })
})

async function write(at: string, values: Record<string, unknown> = {}): Promise<string> {
  const id = engine.newId()
  const all = { customer_id: shop, contacted_at: at, content: '要两箱', ...values }
  await engine.submit('contact_record.create', { id, values: all })
  return id
}
const row = async (type: string, id: string): Promise<Record<string, unknown>> => (await engine.get(type, id)) ?? {}
const [monday, tuesday, friday] = ['2026-11-23T02:00:00.000Z', '2026-11-24T02:00:00.000Z', '2026-11-27T02:00:00.000Z']

describe('a contact record', () => {
  it('is its author’s and moves the customer’s dates and stage', async () => {
    const id = await write(monday, { next_contact_at: friday, sales_stage_id: 'quote' })
    expect(await row('contact_record', id)).toMatchObject({ clerk_id: 'li', kind: 'follow_up', automatic: false })
    expect(await row('customer', shop)).toMatchObject({
      last_contact_at: monday,
      next_contact_at: friday,
      sales_stage_id: 'quote',
    })
  })

  it('of before the last contact turns nothing back', async () => {
    await write(tuesday, { next_contact_at: friday })
    await write(monday, { next_contact_at: '2027-01-01T01:00:00.000Z', sales_stage_id: 'old' })
    expect(await row('customer', shop)).toMatchObject({ last_contact_at: tuesday, next_contact_at: friday })
    expect((await row('customer', shop)).sales_stage_id ?? null).toBeNull()
  })

  it('keeps an appointment, which is none any more', async () => {
    await write(monday, { next_contact_at: tuesday })
    await write(friday)
    expect((await row('customer', shop)).next_contact_at).toBeNull()
  })

  it('that is changed or deleted takes the customer along', async () => {
    const first = await write(monday, { next_contact_at: friday })
    const second = await write(tuesday, { next_contact_at: '2026-12-01T01:00:00.000Z' })
    const later = '2026-12-09T01:00:00.000Z'
    const set = { next_contact_at: ['2026-12-01T01:00:00.000Z', later] }
    await engine.submit('contact_record.edit', { id: second, set })
    expect((await row('customer', shop)).next_contact_at).toBe(later)
    await engine.submit('contact_record.edit', { id: first, set: { content: ['要两箱', '要三箱'] } })
    expect((await row('customer', shop)).next_contact_at).toBe(later)
    await engine.submit('contact_record.delete', { id: second })
    expect(await row('customer', shop)).toMatchObject({ last_contact_at: monday, next_contact_at: friday })
  })
})

describe('an opportunity', () => {
  it('is of who caught it, is closed with the reason, goes on, and leaves what was said', async () => {
    const id = engine.newId()
    await engine.submit('opportunity.create', { id, values: { customer_id: shop, name: '冰柜陈列' } })
    expect(await row('opportunity', id)).toMatchObject({ owner_id: 'li', state: 'open' })
    const said = await write(monday, { opportunity_id: id })
    await engine.submit('opportunity.close', { id, outcome: 'won', reason: '价格合适' })
    expect(await row('opportunity', id)).toMatchObject({ state: 'won', close_reason: '价格合适' })
    await engine.submit('opportunity.reopen', { id })
    expect(await row('opportunity', id)).toMatchObject({ state: 'open', close_reason: null, closed_at: null })
    await engine.submit('opportunity.delete', { id })
    expect(await engine.get('opportunity', id)).toBeUndefined()
    expect((await row('contact_record', said)).opportunity_id).toBeNull()
  })
})

describe('due contacts', () => {
  const at = (days: number) => `${addDays(today(), days)}T02:00:00.000Z`
  const customer = (id: string, days: number | null, more: Partial<Customer> = {}) =>
    ({ id, name: id, owner_id: 'li', next_contact_at: days === null ? null : at(days), ...more }) as Customer

  it('are by day, mine, and those whose record names me', () => {
    const rows = [
      customer('late', -1),
      customer('later', -3),
      customer('now', 0),
      customer('soon', 7),
      customer('far', 8),
      customer('none', null),
      customer('off', 0, { enabled: false }),
      customer('theirs', 0, { owner_id: 'zhao' }),
      customer('named', 1, { owner_id: 'zhao' }),
      customer('changed', 1, { owner_id: 'zhao' }),
      customer('pool', 2, { owner_id: null }),
    ]
    const named = new Map([
      ['named', new Set([at(1)])],
      ['changed', new Set([at(5)])],
    ])
    const due = dueOf(rows, named, 'li')
    expect(due.overdue.map(({ id }) => id)).toEqual(['later', 'late'])
    expect(due.today.map(({ id }) => id)).toEqual(['now'])
    expect(due.soon.map(({ id }) => id)).toEqual(['named', 'pool', 'soon'])
  })
})

describe('a complaint', () => {
  it('is the owner’s to answer where nobody is named, keeps every answer, and is opened again', async () => {
    const id = engine.newId()
    await engine.submit('complaint.create', { id, values: { customer_id: shop, kind_id: 'k', content: '少一箱' } })
    expect(await row('complaint', id)).toMatchObject({
      state: 'open',
      handler_id: 'li',
      author_id: 'li',
      late: false,
    })
    await engine.submit('complaint.take_up', { id })
    await engine.submit('complaint.close', { id, satisfaction: 'good' })
    expect(await row('complaint', id)).toMatchObject({ state: 'working' })
    await engine.submit('complaint.answer', { id, answer: '明天补' })
    await engine.submit('complaint.answer', { id, answer: '司机姓刘' })
    expect(await row('complaint', id)).toMatchObject({ state: 'answered', answer: '明天补\n司机姓刘' })
    await engine.submit('complaint.close', { id, satisfaction: 'bad', note: '没来' })
    expect(await row('complaint', id)).toMatchObject({ state: 'closed', satisfaction: 'bad', close_note: '没来' })
    await engine.submit('complaint.reopen', { id, reason: '没来' })
    expect(await row('complaint', id)).toMatchObject({ state: 'open', satisfaction: null, reopened: 1, due_at: null })
  })

  it('is late by the clock of this device also before the company has noticed', () => {
    const one = { state: 'open', due_at: friday } as Complaint
    expect([isLate(one, new Date(tuesday)), isLate(one, new Date(friday))]).toEqual([false, true])
    expect(isLate({ ...one, state: 'answered' }, new Date(friday))).toBe(false)
    expect(
      [
        { due_at: null, id: 'a' },
        { due_at: friday, id: 'b' },
      ]
        .map((row) => row as Complaint)
        .sort(sooner)[0]!.id,
    ).toBe('b')
  })
})

it('a chat is written down as what the company calls its program', () => {
  const methods = ['电话', '微信', 'QQ'].map((name) => ({ id: name, name }) as never)
  expect(methodOf('chat', methods, '10001234')).toBe('QQ')
  expect(methodOf('chat', methods, 'wang_2024')).toBe('微信')
  expect(methodOf('chat', methods.slice(0, 2), '10001234')).toBe('微信')
})
