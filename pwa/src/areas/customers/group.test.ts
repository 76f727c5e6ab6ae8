import { describe, expect, it } from 'vitest'
import { groupOf, type Member } from './group'

const rows = (...list: Member[]) => new Map(list.map((row) => [row.id, row]))
const shape = (found: ReturnType<typeof groupOf>) => found.map(({ row, depth }) => `${depth} ${row.id}`)

describe('a group of customers', () => {
  const all = rows(
    { id: 'works', name: '乙厂', parent_id: 'head' },
    { id: 'head', name: '总公司' },
    { id: 'office', name: '采购部', parent_id: 'works' },
    { id: 'shop', name: '甲店', parent_id: 'head' },
    { id: 'closed', name: '停用店', parent_id: 'head', enabled: false },
    { id: 'alone', name: '别家' },
  )
  it('is the same tree from each of its members', () => {
    const tree = ['0 head', '1 shop', '1 works', '2 office']
    for (const id of ['head', 'shop', 'works', 'office']) expect(shape(groupOf(all, id)).sort()).toEqual(tree.sort())
    expect(shape(groupOf(all, 'office'))[0]).toBe('0 head')
  })
  it('is the customer alone where it has none, and nothing where it is unknown', () => {
    expect(shape(groupOf(all, 'alone'))).toEqual(['0 alone'])
    expect(groupOf(all, 'nobody')).toEqual([])
  })
  it('begins with the highest that is known here, and ends in a circle', () => {
    expect(shape(groupOf(rows({ id: 'b', name: 'b', parent_id: 'unseen' }), 'b'))).toEqual(['0 b'])
    const circle = rows({ id: 'a', name: 'a', parent_id: 'b' }, { id: 'b', name: 'b', parent_id: 'a' })
    expect(shape(groupOf(circle, 'a')).length).toBe(2)
  })
})
