import { describe, expect, it } from 'vitest'
import { needsOf } from '../needs'
import { isWithdrawn, missingOf, type Visit } from './visit'

const visit = (values: Partial<Visit>): Visit => ({
  id: 'v',
  rev: 1,
  root: 'customer:c',
  customer_id: 'c',
  visitor_id: 'li',
  state: 'open',
  ...values,
})

describe('what a visit still lacks', () => {
  it('is everything at the door', () =>
    expect(missingOf(visit({}), [])).toEqual(['photos', 'person', 'stage', 'content']))
  it('is one of two photos', () => expect(missingOf(visit({}), [{ kind: 'storefront' }])[0]).toBe('photos'))
  it('is nothing at the end', () => {
    const done = visit({ visited_person: '王强', sales_stage_id: 's', content: '看了价目' })
    expect(missingOf(done, [{ kind: 'storefront' }, { kind: 'shelf' }])).toEqual([])
  })
})

it('a photo the rep did not want is known by its sign', () => {
  const photo = { id: 'p', rev: 1, root: '' }
  expect(isWithdrawn({ ...photo, note: '✕ 重拍' })).toBe(true)
  expect(isWithdrawn({ ...photo, note: '缺货 ✕' })).toBe(false)
  expect(isWithdrawn({ ...photo, note: null })).toBe(false)
})

it('a new op stands on the ops that made its rows, not on later edits of known ones', () => {
  const made = { id: 'a', rev: 0, root: '', _op: ['create', 'edit'] }
  const known = { id: 'b', rev: 7, root: '', _op: ['edit'] }
  expect(needsOf(made, known, made, null, undefined)).toEqual(['create'])
})
