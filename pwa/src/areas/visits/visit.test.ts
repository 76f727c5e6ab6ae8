import { describe, expect, it } from 'vitest'
import { needsOf } from '../needs'
import { DEFAULT_KINDS } from '@/camera/kinds'
import { speaks } from './standing'
import { missingOf as missingFor, type Visit } from './visit'

const visit = (values: Partial<Visit>): Visit => ({
  id: 'v',
  rev: 1,
  root: 'customer:c',
  customer_id: 'c',
  visitor_id: 'li',
  state: 'open',
  ...values,
})

const missingOf = (row: Visit, photos: { kind: string; kind_id?: string }[]) => missingFor(row, photos, DEFAULT_KINDS)

describe('what a visit still lacks', () => {
  it('is everything at the door', () =>
    expect(missingOf(visit({}), [])).toEqual(['photos', 'person', 'stage', 'content']))
  it('is one of two photos', () => expect(missingOf(visit({}), [{ kind: 'storefront' }])[0]).toBe('photos'))
  it('is nothing at the end', () => {
    const done = visit({ visited_person: '王强', sales_stage_id: 's', content: '看了价目' })
    expect(missingOf(done, [{ kind: 'storefront' }, { kind: 'shelf' }])).toEqual([])
  })
})

describe('what a visit of a type still lacks', () => {
  const kinds = [{ code: 'freezer', required: 2 }]
  it('is the second photo of a kind', () =>
    expect(missingFor(visit({}), [{ kind: 'other', kind_id: 'freezer' }], kinds)[0]).toBe('photos'))
  it('is not a photo where none is required', () =>
    expect(missingFor(visit({}), [], [{ code: 'other', required: 0 }])[0]).toBe('person'))
})

it('a photo that was set aside counts only while it is suspect', () => {
  const photo = { id: 'p', rev: 1, root: '', verdict: 'pending' }
  const away = { ...photo, withdrawn_at: '2026-11-28T03:00:00.000Z' }
  expect(speaks(photo)).toBe(true)
  expect(speaks(away)).toBe(false)
  expect(speaks({ ...away, verdict: 'suspect' })).toBe(true)
  expect(speaks({ ...away, verdict: 'suspect', overruled_to: 'verified' })).toBe(false)
})

it('a new op stands on the ops that made its rows, not on later edits of known ones', () => {
  const made = { id: 'a', rev: 0, root: '', _op: ['create', 'edit'] }
  const known = { id: 'b', rev: 7, root: '', _op: ['edit'] }
  expect(needsOf(made, known, made, null, undefined)).toEqual(['create'])
})
