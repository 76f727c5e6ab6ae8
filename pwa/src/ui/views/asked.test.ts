import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { completeField } from '../declarations'
import { accepts, lasting, present, sorted } from './asked'
import { missingFields } from './useViews'

const fields = [
  completeField({ name: 'name', kind: 'text' }),
  completeField({ name: 'debt_total', kind: 'money' }),
  completeField({ name: 'city', kind: 'text' }),
  completeField({ name: 'last_contact_at', kind: 'datetime' }),
  completeField({ name: 'contract_end', kind: 'date' }),
  completeField({ name: 'owner_id', kind: 'ref', ref: 'employee' }),
  completeField({ name: 'enabled', kind: 'bool' }),
  completeField({ name: 'mode', kind: 'choice', choices: ['cash', 'credit'] }),
  completeField({ name: 'own.tags', kind: 'choices', choices: ['c1', 'c2'] }),
  completeField({ name: 'mobile', kind: 'phone', masked: true }),
]
const row = {
  name: '王记超市',
  debt_total: '100.50',
  city: '青岛',
  last_contact_at: '2026-11-20T02:00:00.000Z',
  contract_end: '2026-12-01',
  owner_id: 'me',
  enabled: true,
  mode: 'cash',
  'own.tags': ['c1'],
  mobile: '138****0001',
}
const answers = (key: string, text: string) => accepts({ [key]: text }, fields, 'me').accept(row)

describe('a saved view without network', () => {
  beforeEach(() => vi.useFakeTimers({ now: new Date('2026-11-28T04:00:00Z') }))
  afterEach(() => vi.useRealTimers())

  it.each([
    ['city', '青岛', true],
    ['city', '烟台', false],
    ['city__ne', '烟台', true],
    ['city__empty', '1', false],
    ['name__like', '王记', true],
    ['debt_total__ge', '100.5', true],
    ['debt_total__gt', '100.50', false],
    // As numbers, not as texts: 9 is less than 100.50.
    ['debt_total__ge', '9', true],
    ['debt_total__le', '9', false],
    ['last_contact_at__ge', '2026-11-20', true],
    ['last_contact_at__le', '2026-11-19', false],
    ['last_contact_at__idle_days', '7', true],
    ['last_contact_at__idle_days', '9', false],
    ['contract_end__le', '@today+3', true],
    ['contract_end__le', '@today', false],
    ['owner_id', '@me', true],
    ['enabled', '0', false],
    ['mode__in', 'credit,cash', true],
    ['own.tags__in', 'c2', false],
    ['own.tags__in', 'c2,c1', true],
  ])('%s=%s', (key, text, expected) => expect(answers(key, text)).toBe(expected))

  it('leaves out what it cannot answer, and says so', () => {
    const { accept, left } = accepts({ 'own.gone': 'x', city: '青岛', mobile: '138' }, fields, 'me')
    expect(left).toEqual(['own.gone', 'mobile'])
    expect(accept(row)).toBe(true)
  })

  it('means the same tomorrow and for everybody when it is to last', () => {
    const found = lasting({ last_contact_at__ge: '2026-11-21', owner_id: 'me', city: '2026-11-21' }, fields, 'me')
    expect(found).toEqual({ last_contact_at__ge: '@today-7', owner_id: '@me', city: '2026-11-21' })
    expect(present('@today-7', 'you')).toBe('2026-11-21')
    expect(present('@me', 'you')).toBe('you')
    expect(present('@today-99999', 'you')).toBe('@today-99999')
  })

  it('is in order, what has no value last', () => {
    const rows = [{ debt_total: '9.00' }, { debt_total: null }, { debt_total: '100.00' }]
    expect(sorted(rows, 'debt_total', fields).map((one) => one.debt_total)).toEqual(['9.00', '100.00', null])
    expect(sorted(rows, '-debt_total', fields).map((one) => one.debt_total)).toEqual(['100.00', '9.00', null])
    expect(sorted(rows, 'own.gone', fields)).toEqual(rows)
  })

  it('knows which of its fields are no more', () => {
    const view = { filters: { 'own.gone__in': 'a', city: 'b' }, sort: '-own.gone', columns: ['name', 'own.other'] }
    expect(missingFields(view, fields)).toEqual(['own.gone', 'own.other'])
  })
})
