/** What a lead and its reports are on the phone before the company has answered. */
import 'fake-indexeddb/auto'
import { beforeEach, describe, expect, it } from 'vitest'
import type { Engine } from '@/sync/engine'
import { appReducers } from '@/sync/reducers'
import { Phone } from '@/sync/testing/phone'
import { ModelServer } from '@/sync/testing/server'
import type { Declarations } from '@/sync/types'
import declared from '../../generated/declarations.json'
import '../customers/commands'
import '../visits/commands'
import './commands'
import { differing, kindAt, lastCard, type CallReport } from './leads'

let engine: Engine
let shop: string
beforeEach(async () => {
  const phone = new Phone(new ModelServer(), 'li', declared as unknown as Declarations)
  engine = await phone.start({ reducers: appReducers })
  await engine.loggedIn({ id: 'li' })
  shop = engine.newId()
  const values = { name: '王记超市', mobile: '13800000001', lead_stage: 'cold' }
  await engine.submit('customer.create', { id: shop, values })
})

const row = async (type: string, id: string): Promise<Record<string, unknown>> => (await engine.get(type, id)) ?? {}
const step = (name: string, more: object = {}) => engine.submit(`lead.${name}`, { customer_id: shop, ...more })
async function report(at: string, values: Record<string, unknown> = {}): Promise<string> {
  const id = engine.newId()
  const all = { customer_id: shop, kind: 'lead', reported_at: at, content: '再谈', ...values }
  await engine.submit('call_report.create', { id, values: all })
  return id
}
const [monday, tuesday, friday] = ['2026-11-23T02:00:00.000Z', '2026-11-24T02:00:00.000Z', '2026-11-27T02:00:00.000Z']

describe('a lead', () => {
  it('goes from stage to stage and back, and nowhere by a step that does not lead on', async () => {
    await step('convert')
    expect((await row('customer', shop)).lead_stage).toBe('cold')
    await step('accept')
    await step('follow', { sales_stage_id: 'quote' })
    expect(await row('customer', shop)).toMatchObject({ lead_stage: 'following', sales_stage_id: 'quote' })
    await step('convert')
    expect((await row('customer', shop)).lead_stage).toBe('existing')
    await step('return', { reason: '停业' })
    expect((await row('customer', shop)).lead_stage).toBe('potential')
  })

  it('is followed once its follow-up stage moves, by whatever tells so', async () => {
    await report(monday, { sales_stage_id: 'quote' })
    expect((await row('customer', shop)).lead_stage).toBe('cold')
    await step('accept')
    await report(tuesday, { sales_stage_id: 'quote' })
    expect((await row('customer', shop)).lead_stage).toBe('potential')
    const values = { customer_id: shop, contacted_at: friday, content: '报价', sales_stage_id: 'offer' }
    await engine.submit('contact_record.create', { id: engine.newId(), values })
    expect(await row('customer', shop)).toMatchObject({ lead_stage: 'following', sales_stage_id: 'offer' })
  })
})

describe('a call report', () => {
  it('is its author’s, moves the customer’s dates, and has its card in full', async () => {
    const id = await report(monday, { 'own.size': 'c1', next_contact_at: friday })
    expect(await row('call_report', id)).toMatchObject({ author_id: 'li', differing: null, 'own.size': 'c1' })
    expect(await row('customer', shop)).toMatchObject({ last_contact_at: monday, next_contact_at: friday })
  })

  it('that is copied has what was not sent, and says what differs', async () => {
    const first = await report(monday, { 'own.size': 'c1', 'own.from': '批发', 'own.fridges': 1 })
    const second = await report(tuesday, { copied_from_id: first, 'own.from': '本公司', 'own.fridges': null })
    const copy = await row('call_report', second)
    expect(copy).toMatchObject({ 'own.size': 'c1', 'own.from': '本公司', differing: ['own.fridges', 'own.from'] })
    await engine.submit('call_report.edit', { id: first, set: { 'own.fridges': [1, null] } })
    expect((await row('call_report', second)).differing).toEqual(['own.from'])
    await engine.submit('call_report.delete', { id: first })
    expect(await row('call_report', second)).toMatchObject({ copied_from_id: null, differing: null })
    expect((await row('customer', shop)).last_contact_at).toBe(tuesday)
  })

  it('is of the kind of the stage; the card comes from the latest that has one', () => {
    expect(['cold', 'potential', 'following', 'existing'].map(kindAt)).toEqual(['cold', 'lead', 'lead', 'existing'])
    const one = (id: string, kind: string, reported_at: string) => ({ id, kind, reported_at }) as CallReport
    const all = [one('a', 'cold', monday), one('b', 'lead', tuesday), one('c', 'existing', friday)]
    expect(lastCard(all)?.id).toBe('b')
    expect(lastCard([])).toBeNull()
    expect(differing({ 'own.a': [1], 'own.b': null, x: 1 }, { 'own.a': [1], x: 2 })).toEqual([])
  })
})
