/** What a rep sees right after a tap, without network: every command's effect on the rows of his phone. */
import 'fake-indexeddb/auto'
import { beforeEach, describe, expect, it } from 'vitest'
import { appReducers } from '@/sync/reducers'
import { ModelServer } from '@/sync/testing/server'
import { Phone } from '@/sync/testing/phone'
import type { Engine } from '@/sync/engine'
import type { Declarations } from '@/sync/types'
import declared from '../generated/declarations.json'
import { mainContactId } from './customers/commands'
import './orders/commands'
import './sync/commands'
import './visits/commands'
import './worklogs/commands'
import { overCredit } from './orders/commands'

let engine: Engine
beforeEach(async () => {
  const phone = new Phone(new ModelServer(), 'li', declared as unknown as Declarations)
  engine = await phone.start({ reducers: appReducers })
  await engine.loggedIn({ id: 'li' })
})

async function shop(values: Record<string, unknown> = {}): Promise<string> {
  const id = engine.newId()
  await engine.submit('customer.create', { id, values: { name: '王记超市', ...values } })
  return id
}
async function order(customer: string, ...lines: [price: string, quantity: string][]): Promise<string> {
  const id = engine.newId()
  await engine.submit('order.place', {
    id,
    customer_id: customer,
    lines: lines.map(([price, quantity]) => ({ id: engine.newId(), product_id: 'beer', price, quantity })),
    discount: '1.00',
    freight: '10.00',
  })
  return id
}
const row = async (type: string, id: string) => (await engine.get(type, id)) ?? {}

describe('customers', () => {
  it('belong to who made them, and get their main contact', async () => {
    const id = await shop({ primary_contact: '王强', mobile: '13800001234' })
    expect(await row('customer', id)).toMatchObject({ owner_id: 'li', debt_total: '0.00', enabled: true })
    const contacts = await engine.rows('contact', { index: 'customer_id', value: id })
    expect(contacts.map((one) => one.id)).toEqual([mainContactId(id)])
    expect(contacts[0]).toMatchObject({ name: '王强', phone: '13800001234', is_primary: true })
  })

  it('have one main contact', async () => {
    const id = await shop({ primary_contact: '王强' })
    const contact = engine.newId()
    await engine.submit('contact.create', {
      id: contact,
      values: { customer_id: id, name: '李娜', is_primary: true },
    })
    const contacts = await engine.rows('contact', { index: 'customer_id', value: id })
    expect(contacts.filter((one) => one.is_primary).map((one) => one.name)).toEqual(['李娜'])
  })

  it('without a contact of their own are their own contact', async () => {
    const id = await shop()
    expect(await row('contact', mainContactId(id))).toMatchObject({ name: '王记超市', is_primary: true })
    expect(mainContactId('0190f2c4-ffff-7000-8000-0123456789ab')).toBe('0190f2c5-0000-7000-8000-0123456789ab')
  })

  it('are shared once with a colleague, and no longer', async () => {
    const id = await shop()
    await engine.submit('customer.share', { id, employee_id: 'zhao' })
    await engine.submit('customer.share', { id, employee_id: 'zhao' })
    expect(await engine.rows('customer_share')).toHaveLength(1)
    await engine.submit('customer.unshare', { id, employee_id: 'zhao' })
    expect(await engine.rows('customer_share')).toEqual([])
  })
})

describe('a visit', () => {
  const at = '2026-11-21T01:00:00.000Z'

  it('goes from plan to check-in to check-out and counts for the customer', async () => {
    const customer = await shop({ geo_lat: 36.0671, geo_lng: 120.3826 })
    const id = engine.newId()
    await engine.submit('visit.plan', { id, customer_id: customer, planned_on: '2026-11-21', plan_note: '看价目' })
    expect(await row('visit', id)).toMatchObject({ state: 'planned', visitor_id: 'li' })

    await engine.submit('visit.check_in', { id, customer_id: customer, at, lat: 36.068, lng: 120.3826, accuracy: 12 })
    expect(await row('visit', id)).toMatchObject({ state: 'open', distance: 100, plan_note: '看价目' })

    await engine.submit('visit.edit', {
      id,
      set: { sales_stage_id: [null, 'stage'], next_contact_at: [null, '2026-11-24T01:00:00.000Z'] },
    })
    await engine.submit('visit.check_out', { id, at: '2026-11-21T01:25:30.000Z' })
    expect(await row('visit', id)).toMatchObject({ state: 'done', duration_seconds: 1530 })
    expect(await row('customer', customer)).toMatchObject({
      visit_count: 1,
      last_visit_at: at,
      sales_stage_id: 'stage',
      next_contact_at: '2026-11-24T01:00:00.000Z',
    })
  })

  it('counts its photos', async () => {
    const customer = await shop()
    const id = engine.newId()
    await engine.submit('visit.check_in', { id, customer_id: customer, at })
    const capture = JSON.stringify({ sha256: 'ab', source: 'camera', taken_at: at, samples: [] })
    for (const one of [engine.newId(), engine.newId()]) {
      const args = { id: one, visit_id: id, customer_id: customer, kind: 'shelf', capture, signature: 's' }
      await engine.submit('photo.attach', args)
    }
    expect(await row('visit', id)).toMatchObject({ photo_count: 2, evidence: 'pending', distance: null })
  })

  it('stands where the route of its day puts it, as long as it is planned for that day', async () => {
    const customer = await shop()
    const [one, two, later, dropped] = [engine.newId(), engine.newId(), engine.newId(), engine.newId()] as const
    for (const id of [one, two, dropped])
      await engine.submit('visit.plan', { id, customer_id: customer, planned_on: '2026-11-21' })
    await engine.submit('visit.plan', { id: later, customer_id: customer, planned_on: '2026-11-22' })
    await engine.submit('visit.drop', { id: dropped })
    await engine.submit('visit.arrange', { day: '2026-11-21', ids: [dropped, two, later, two, one, 'unknown'] })
    expect(await row('visit', two)).toMatchObject({ plan_order: 1 })
    expect(await row('visit', one)).toMatchObject({ plan_order: 2 })
    expect(await row('visit', later)).not.toHaveProperty('plan_order')
    expect(await row('visit', dropped)).not.toHaveProperty('plan_order')
  })

  it('that is given up stays as dropped', async () => {
    const id = engine.newId()
    await engine.submit('visit.plan', { id, customer_id: await shop(), planned_on: '2026-11-21' })
    await engine.submit('visit.drop', { id })
    expect(await row('visit', id)).toMatchObject({ state: 'dropped' })
  })
})

describe('an order', () => {
  it('adds up as at the company and becomes debt of the customer', async () => {
    const customer = await shop()
    const id = await order(customer, ['1.1200', '260'], ['12.5000', '3'])
    expect(await row('order', id)).toMatchObject({
      state: 'pending',
      goods_total: '328.70',
      payable: '338.70',
      debt: '337.70',
      settlement_mode: 'credit',
    })
    const lines = await engine.rows('order_line', { index: 'order_id', value: id })
    expect(lines.map((line) => line.subtotal).sort()).toEqual(['291.20', '37.50'])
    expect(await row('customer', customer)).toMatchObject({ debt_total: '337.70', sales_total: '0.00' })
    await engine.submit('order.approve', { id })
    expect(await row('customer', customer)).toMatchObject({ debt_total: '337.70', sales_total: '338.70' })
  })

  it('with other lines adds up anew', async () => {
    const customer = await shop()
    const id = await order(customer, ['12.5000', '3'])
    const lines = [{ id: engine.newId(), product_id: 'beer', price: '12.5000', quantity: '2' }]
    await engine.submit('order.change_lines', { id, lines })
    expect(await row('order', id)).toMatchObject({ goods_total: '25.00', debt: '34.00' })
    expect(await engine.rows('order_line')).toHaveLength(1)
    expect(await row('customer', customer)).toMatchObject({ debt_total: '34.00' })
  })

  it('is paid in parts, and more than is owed is shown as such', async () => {
    const customer = await shop()
    const id = await order(customer, ['12.5000', '3'])
    const pay = (amount: string) =>
      engine.submit('payment.record', {
        id: engine.newId(),
        order_id: id,
        amount,
        paid_at: '2026-11-21T02:00:00.000Z',
      })
    await pay('40.00')
    expect(await row('order', id)).toMatchObject({ paid: '40.00', debt: '6.50' })
    await pay('10.00')
    expect(await row('order', id)).toMatchObject({ debt: '-3.50' })
    const overpaid = (await engine.rows('payment')).map((payment) => payment.overpaid)
    expect(overpaid.sort()).toEqual(['0.00', '3.50'])
    expect(await row('customer', customer)).toMatchObject({ debt_total: '-3.50' })
  })

  it('is paid from what the customer paid ahead, and what was wrong is taken back', async () => {
    const customer = await shop({ prepay_allowed: true })
    const id = await order(customer, ['12.5000', '3'])
    const [top, used] = [engine.newId(), engine.newId()]
    await engine.submit('payment.top_up', { id: top, customer_id: customer, amount: '100.00' })
    await engine.submit('payment.use', { id: used, order_id: id, amount: '46.50' })
    expect(await row('order', id)).toMatchObject({ paid: '46.50', debt: '0.00' })
    expect(await row('customer', customer)).toMatchObject({ deposit_total: '53.50', debt_total: '0.00' })
    await engine.submit('payment.refund', { id: engine.newId(), customer_id: customer, amount: '50.00' })
    expect(await row('customer', customer)).toMatchObject({ deposit_total: '3.50' })
    await engine.submit('payment.reverse', { id: engine.newId(), of: used, reason: '记错' })
    expect(await row('order', id)).toMatchObject({ paid: '0.00', debt: '46.50' })
    expect(await row('customer', customer)).toMatchObject({ deposit_total: '50.00', debt_total: '46.50' })
    expect((await engine.rows('payment')).map((one) => [one.kind, one.amount, one.deposit]).sort()).toEqual([
      ['refund', '-50.00', '-50.00'],
      ['top_up', '100.00', '100.00'],
      ['used', '-46.50', '46.50'],
      ['used', '46.50', '-46.50'],
    ])
  })

  it('that is cancelled or deleted is no debt any more', async () => {
    const customer = await shop()
    await engine.submit('order.cancel', { id: await order(customer, ['12.5000', '3']), reason: '不要了' })
    await engine.submit('order.delete', { id: await order(customer, ['10.0000', '1']) })
    expect(await row('customer', customer)).toMatchObject({ debt_total: '0.00', sales_total: '0.00' })
    expect((await engine.rows('order')).map((one) => one.state)).toEqual(['cancelled'])
  })

  it('that is refused is cancelled with the reason and no debt any more', async () => {
    const customer = await shop()
    const id = await order(customer, ['12.5000', '3'])
    await engine.submit('order.refuse', { id, reason: '价格太低' })
    expect(await row('order', id)).toMatchObject({ state: 'cancelled', cancel_reason: '价格太低', debt: '0.00' })
    expect(await row('customer', customer)).toMatchObject({ debt_total: '0.00' })
  })

  it('over the limit waits for a decision and is no debt until then', async () => {
    const customer = await shop({ credit_limit: '30.00' })
    const id = await order(customer, ['12.5000', '3'])
    expect(await row('order', id)).toMatchObject({ hold_reason: 'credit_exceeded' })
    expect(await row('customer', customer)).toMatchObject({ debt_total: '0.00' })
    await engine.submit('order.release', { id, decision: 'approve' })
    expect(await row('customer', customer)).toMatchObject({ debt_total: '46.50' })
  })

  it('of a cash customer becomes debt when it is approved', async () => {
    const customer = await shop({ settlement_mode: 'cash' })
    const id = await order(customer, ['12.5000', '3'])
    expect(await row('customer', customer)).toMatchObject({ debt_total: '0.00' })
    await engine.submit('order.approve', { id })
    expect(await row('customer', customer)).toMatchObject({ debt_total: '46.50' })
  })

  it('says beforehand by how much it passes the credit limit', () => {
    expect(overCredit('1000.00', '800.00', '250.00')).toBe('50.00')
    expect(overCredit('1000.00', '800.00', '200.00')).toBeNull()
    expect(overCredit(null, '800.00', '99999.00')).toBeNull()
  })
})

describe('a daily report', () => {
  it('is there at once, and counts its comments', async () => {
    const id = engine.newId()
    await engine.submit('report.submit', { id, kind: 'day', report_date: '2026-11-21', summary: '走了八家' })
    expect(await row('work_report', id)).toMatchObject({ author_id: 'li', comment_count: 0 })
    await engine.submit('report.comment', { id: engine.newId(), report_id: id, text: '不错' })
    expect(await row('work_report', id)).toMatchObject({ comment_count: 1 })
  })
})
