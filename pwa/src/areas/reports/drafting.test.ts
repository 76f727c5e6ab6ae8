import { beforeAll, expect, it } from 'vitest'
import { complete, useDeclarations } from '@/ui/declarations'
import { blank, declarationOf, dimensionsOf, draftOf } from './drafting'

beforeAll(() =>
  useDeclarations(
    complete({
      records: {
        visit: {
          name: 'visit',
          title_field: 'customer_id',
          fields: [
            { name: 'customer_id', kind: 'ref', ref: 'customer' },
            { name: 'visitor_id', kind: 'ref', ref: 'employee' },
            { name: 'checked_in_at', kind: 'datetime' },
            { name: 'content', kind: 'longtext' },
            { name: 'phone', kind: 'phone' },
          ],
        },
      },
    } as never),
  ),
)

it('offers people, their departments, the calendar and the customer, but no long texts or numbers', () => {
  const values = dimensionsOf('visit').map((one) => one.value)
  expect(values).toContain('visitor_id.department_id:tree')
  expect(values).toContain('checked_in_at:month')
  expect(values).toContain('customer_id.province')
  expect(values.some((one) => one.startsWith('content') || one.startsWith('phone'))).toBe(false)
})

it('what was made comes back into the editor as it was', () => {
  const draft = {
    ...blank(),
    name: '我的',
    record: 'visit',
    moment: 'checked_in_at',
    dimensions: ['visitor_id'],
    by: 'visitor_id',
    measures: [
      { kind: 'count' as const, field: '', label: '' },
      { kind: 'latest' as const, field: 'checked_in_at', label: '最近' },
    ],
    rest: { filters: { state: 'done' } },
  }
  const declaration = declarationOf(draft, () => '数量')
  expect(declaration.measures).toEqual([
    { name: 'm1', kind: 'count', label: ['数量', '数量', '数量'] },
    { name: 'm2', kind: 'latest', field: 'checked_in_at', label: ['最近', '最近', '最近'] },
  ])
  expect(draftOf('我的', declaration)).toEqual({
    ...draft,
    measures: [{ kind: 'count', field: '', label: '数量' }, draft.measures[1]],
  })
})
