import { describe, expect, it } from 'vitest'
import { leads, open, said, stateOf, steps, type Guide } from './guide'

describe('the first filling of a company', () => {
  it('goes from lists to goods to people to rules, and names nothing that is not there', () =>
    expect(steps().map(({ name }) => name)).toEqual([
      'customer_category', 'customer_source', 'product_category', 'product', 'department', 'role', 'employee', 'company',
    ])) // prettier-ignore

  it('leads on until each step is done or skipped, or it is put away', () => {
    let guide: Guide = said({}, 'product', 'done')
    expect([stateOf(guide, 'product'), open(guide)[0]?.name, leads(guide)]).toEqual([
      'done',
      'customer_category',
      true,
    ])
    guide = said(guide, 'product', 'skipped')
    expect(stateOf(guide, 'product')).toBe('skipped')
    expect(stateOf(said(guide, 'product', 'skipped'), 'product')).toBe('open')
    expect(leads({ ...guide, away: true })).toBe(false)
    for (const { name } of steps()) if (name !== 'product') guide = said(guide, name, 'done')
    expect(leads(guide)).toBe(false)
  })
})
