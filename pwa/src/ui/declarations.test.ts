// @vitest-environment happy-dom
import { beforeAll, expect, it } from 'vitest'
import { setLanguage } from '@/app/i18n'
import { reader } from '@/areas/team/behind/rows'
import { fieldNamed, shownAs, titleWord } from './declarations'

beforeAll(() => setLanguage('en'))

it('is called in words: a choice by its label, and never by an id', () => {
  expect(titleWord('photo', 'storefront')).toBe('Shop front')
  expect(titleWord('customer', '王记超市')).toBe('王记超市')
  expect(titleWord('visit', '0190f2c4-0000-7000-8000-00000000000a')).toBe('')
  expect(titleWord('customer', null)).toBe('')
})

it('shows a kind that the company added itself in place of ours', () => {
  const kind = fieldNamed('photo', 'kind')!
  expect(shownAs('photo', kind, { kind: 'shelf', kind_id: null }).name).toBe('kind')
  expect(shownAs('photo', kind, { kind: 'other', kind_id: 'freezer' }).name).toBe('kind_id')
  const verdict = fieldNamed('photo', 'verdict')!
  expect(shownAs('photo', verdict, { kind_id: 'freezer' }).name).toBe('verdict')
})

it('reads a photo behind a number with its kind, and says that it was set aside', () => {
  const page = { items: [], next: null, refs: { customer: { wang: '王记超市' } } }
  const read = reader(
    page,
    () => '张三',
    ({ kind_id }) => (kind_id === 'freezer' ? '冰柜' : '?'),
  )
  const row = { id: 'p', customer_id: 'wang', taken_by: 'z', kind: 'other', kind_id: 'freezer', verdict: 'pending' }
  expect(read('photo', row)).toMatchObject({ title: '王记超市', text: ['张三', '冰柜'] })
  expect(read('photo', { ...row, withdrawn_at: '2026-11-28T02:00:00Z' }).text).toEqual(['张三', '冰柜', 'Withdrawn'])
})
