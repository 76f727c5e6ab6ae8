/** Targets on a phone: what a tap does without network, and how far one is. */
import 'fake-indexeddb/auto'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import type { Engine } from '@/sync/engine'
import { appReducers } from '@/sync/reducers'
import { ModelServer } from '@/sync/testing/server'
import { Phone } from '@/sync/testing/phone'
import type { Declarations } from '@/sync/types'
import { setTimeZone } from '@/ui/format'
import declared from '../../generated/declarations.json'
import { workOf } from '../worklogs/day'
import { inBranch, treeOf } from './branches'
import './commands'
import { rateOf, reachedHere, type Attainment, type Target } from './goals'
import { elapsed, periodName, periodOf } from './periods'

setTimeZone('Asia/Shanghai')
afterAll(() => setTimeZone(undefined))

describe('a period', () => {
  it('is the whole month, quarter or year of a day, also of short months and over the turn of the year', () => {
    expect(periodOf('month', '2028-02-29')).toEqual({ start: '2028-02-01', end: '2028-02-29' })
    expect(periodOf('month', '2026-12-05', 1)).toEqual({ start: '2027-01-01', end: '2027-01-31' })
    expect(periodOf('month', '2026-01-05', -1)).toEqual({ start: '2025-12-01', end: '2025-12-31' })
    expect(periodOf('quarter', '2026-11-28')).toEqual({ start: '2026-10-01', end: '2026-12-31' })
    expect(periodOf('quarter', '2026-11-28', 1)).toEqual({ start: '2027-01-01', end: '2027-03-31' })
    expect(periodOf('year', '2026-11-28', -1)).toEqual({ start: '2025-01-01', end: '2025-12-31' })
  })

  it('is called as the company calls it', () => {
    expect(periodName('month', periodOf('month', '2026-11-28'))).toBe('2026-11')
    expect(periodName('quarter', periodOf('quarter', '2026-11-28'))).toBe('2026 Q4')
    expect(periodName('year', periodOf('year', '2026-11-28'))).toBe('2026')
    expect(periodName('other', { start: '2026-11-03', end: '2026-11-09' })).toBe('2026-11-03 – 2026-11-09')
  })

  it('is over by a part that grows from its first to its last day', () => {
    const november = periodOf('month', '2026-11-28')
    expect(elapsed(november, '2026-10-31')).toBe(0)
    expect(elapsed(november, '2026-11-15')).toBe(0.5)
    expect(elapsed(november, '2026-11-30')).toBe(1)
    expect(elapsed(november, '2027-01-01')).toBe(1)
  })
})

describe('what was reached', () => {
  const row = (id: string, values: Record<string, unknown>) => ({ id, rev: 1, root: '', ...values })
  const work = workOf('li', periodOf('month', '2026-11-28'), {
    visits: [
      row('first', { visitor_id: 'li', checked_in_at: '2026-10-31T16:00:00.000Z' }),
      row('last', { visitor_id: 'li', checked_in_at: '2026-11-30T15:59:59.000Z' }),
      row('after', { visitor_id: 'li', checked_in_at: '2026-11-30T16:00:00.000Z' }),
    ],
    customers: [],
    contacts: [],
    orders: [
      row('a', { clerk_id: 'li', state: 'done', payable: '333.33', ordered_at: '2026-11-21T02:00:00.000Z' }),
      row('b', { clerk_id: 'li', state: 'cancelled', payable: '99.00', ordered_at: '2026-11-21T02:00:00.000Z' }),
    ],
    payments: [],
  })
  const target = {
    visits: 4,
    new_customers: null,
    deal_amount: '1000.00',
    received_amount: '0.00',
    approved_at: 'then',
  }

  it('is counted in days of the company, beside goals that are in force', () => {
    expect(reachedHere(target as unknown as Target, work)).toEqual([
      { name: 'visits', goal: 4, actual: 2, rate: 0.5 },
      { name: 'new_customers', goal: null, actual: 0, rate: null },
      { name: 'deal_amount', goal: '1000.00', actual: '333.33', rate: 0.3333 },
      { name: 'received_amount', goal: '0.00', actual: '0.00', rate: null },
    ])
    const draft = { ...target, approved_at: null } as unknown as Target
    expect(reachedHere(draft, work).map(({ goal }) => goal)).toEqual([null, null, null, null])
  })

  it('may be more than all of it, and keeps the cents of large amounts', () => {
    expect(rateOf('90000000000000.00', '180000000000000.00')).toBe(2)
    expect(rateOf(3, 2)).toBe(0.6667)
  })
})

describe('the organisation', () => {
  const branch = (department_id: string, parent_id: string | null) => ({
    department_id,
    parent_id,
    name: department_id,
  })
  const person = (employee_id: string, department_id: string) => ({ employee_id, department_id })
  const data = {
    departments: [branch('shenzhen', 'south'), branch('south', 'top'), branch('top', null), branch('lost', 'unseen')],
    people: [person('a', 'top'), person('b', 'shenzhen'), person('c', 'lost')],
  } as unknown as Attainment

  it('stands from the top down, and whoever is below a department is in it', () => {
    expect(treeOf(data.departments).map(({ one, depth }) => [one.department_id, depth])).toEqual([
      ['top', 0],
      ['south', 1],
      ['shenzhen', 2],
      ['lost', 0],
    ])
    expect(inBranch(data, 'south').map((one) => one.employee_id)).toEqual(['b'])
    expect(inBranch(data, 'top').map((one) => one.employee_id)).toEqual(['a', 'b'])
    expect(inBranch(data, '')).toHaveLength(3)
  })
})

describe('on the phone', () => {
  let engine: Engine
  beforeEach(async () => {
    const phone = new Phone(new ModelServer(), 'li', declared as unknown as Declarations)
    engine = await phone.start({ reducers: appReducers })
    await engine.loggedIn({ id: 'li' })
  })

  it('a draft has its period, and handed in it is seen among what one asked for', async () => {
    const [target, paper] = [engine.newId(), engine.newId()]
    const values = { person_id: 'li', kind: 'month', start_date: '2026-11-01', end_date: '2026-11-30', visits: 40 }
    await engine.submit('target.create', { id: target, values })
    expect(await engine.get('target', target)).toMatchObject({ period: '2026-11', state: 'draft', deal_amount: null })
    await engine.submit('target.submit', { id: paper, target_id: target, reason: '旺季' })
    expect(await engine.get('target', target)).toMatchObject({ state: 'asked' })
    expect(await engine.get('approval', paper)).toMatchObject({
      kind: 'target.fix',
      state: 'running',
      reason: '旺季',
      summary: [
        { field: 'person_id', after: 'li' },
        { field: 'period', after: '2026-11' },
        { field: 'visits', after: 40 },
      ],
    })
  })
})
