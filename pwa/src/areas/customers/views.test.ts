import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { Row } from '@/sync/types'
import type { Customer } from './types'
import { acceptOf, lastOrders, quickViews, sharesByCustomer, type Known, type Recovery } from './views'

const ago = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString()
const shop = (more: Partial<Customer>): Customer =>
  ({ id: 'shop', name: '王记超市', owner_id: 'zhang', created_at: ago(400), ...more }) as Customer
const row = (more: Record<string, unknown>) => ({ id: 'order', customer_id: 'shop', ...more }) as unknown as Row
const known = (recovery: Recovery, bought = new Map<string, number>()): Known => ({
  me: 'zhang',
  planned: new Set(),
  celebrating: new Set(),
  recovery,
  shares: sharesByCustomer([row({ employee_id: 'li' })]),
  bought,
  near: () => false,
})
const soon = (row: Customer, recovery: Partial<Recovery>, bought?: Map<string, number>) =>
  acceptOf('recovery', known({ quietDays: null, categories: [], dealDays: new Map(), ...recovery }, bought))(row)

describe('customers that the pool soon takes back', () => {
  it('are those nobody has followed up', () => {
    expect(soon(shop({ last_visit_at: ago(24) }), { quietDays: 30 })).toBe(true)
    expect(soon(shop({ last_visit_at: ago(22) }), { quietDays: 30 })).toBe(false)
    expect(soon(shop({ last_visit_at: ago(300) }), {})).toBe(false)
    expect(soon(shop({ last_visit_at: ago(300), owner_id: null }), { quietDays: 30 })).toBe(false)
  })

  it('are of the categories that the company chose, where it chose some', () => {
    const quiet = shop({ last_visit_at: ago(300), category_id: 'shops' })
    expect(soon(quiet, { quietDays: 30, categories: ['shops'] })).toBe(true)
    expect(soon(quiet, { quietDays: 30, categories: ['hotels'] })).toBe(false)
    expect(soon(shop({ last_visit_at: ago(300), category_id: null }), { quietDays: 30, categories: ['shops'] })).toBe(
      false,
    )
  })

  it('are those whose owner has sold nothing within his own days', () => {
    const dealDays = new Map([['zhang', 60]])
    const held = shop({ owned_since: ago(54), last_visit_at: ago(1) })
    expect(soon(held, { dealDays })).toBe(true)
    expect(soon(shop({ ...held, owner_id: 'li' }), { dealDays })).toBe(false)
    expect(soon(shop({ ...held, owned_since: ago(52) }), { dealDays })).toBe(false)
    const order = (days: number, state = 'pending') => lastOrders([row({ ordered_at: ago(days), state })])
    expect(soon(held, { dealDays }, order(10))).toBe(false)
    expect(soon(held, { dealDays }, order(10, 'cancelled'))).toBe(true)
    expect(soon(held, { dealDays }, order(55))).toBe(true) // sold by who had it before
  })
})

it('shared customers are those of others that I serve, and mine that others serve', () => {
  const none = { quietDays: null, categories: [], dealDays: new Map() }
  const shown = (view: 'shared_to_me' | 'shared_by_me', me: string, id = 'shop') =>
    acceptOf(view, { ...known(none), me })(shop({ id }))
  expect([shown('shared_to_me', 'li'), shown('shared_to_me', 'zhang'), shown('shared_to_me', 'li', 'other')]).toEqual(
    [true, false, false],
  )
  expect([shown('shared_by_me', 'zhang'), shown('shared_by_me', 'li'), shown('shared_by_me', 'zhang', 'x')]).toEqual([
    true,
    false,
    false,
  ])
})

it('what I claimed from the pool is told apart from what I was given', () => {
  const none: Recovery = { quietDays: null, categories: [], dealDays: new Map() }
  const mine = acceptOf('claimed', known(none))
  expect(mine(shop({ claimed_at: ago(3) }))).toBe(true)
  expect(mine(shop({ claimed_at: null }))).toBe(false)
  expect(mine(shop({ claimed_at: ago(3), owner_id: 'li' }))).toBe(false)
})

it('a view of the desk is called by a few words, not by what happened', () => {
  const said = (area: string) => JSON.parse(readFileSync(`src/areas/${area}/i18n.zh-CN.json`, 'utf8'))
  const called: Record<string, string> = said('desk').customers
  const atDesk = Object.entries(quickViews).flatMap(([name, view]) => ('query' in view ? [name] : []))
  expect(atDesk.filter((name) => !called[name] || called[name].includes('，'))).toEqual([])
  expect(called.claimed).toBe(said('customers').view.claimed)
})
