import { afterEach, describe, expect, it } from 'vitest'
import { setFieldRights } from '@/ui/rights'
import { kinds } from './kinds'
import { LocalSearch } from './local'

const kind = (record: string) => kinds.find((one) => one.record === record)!
const row = (id: string, values: Record<string, unknown>) => ({ id, rev: 1, root: '', ...values })
const shops = [
  row('a', { name: '王记超市', pinyin_code: 'wjcs', mobile: '13800001234', remark: '周五补货' }),
  row('b', { name: '王记', pinyin_code: 'wj', mobile: '139****0001' }),
  row('c', { name: '城阳王记', pinyin_code: 'cywj', enabled: false }),
]
const ids = (query: string, ...more: unknown[]) =>
  new LocalSearch()
    .search(kind('customer'), shops, query, null, ...(more as [ReadonlySet<string>?]))
    .map((one) => one.row.id)

afterEach(() => setFieldRights(undefined))

describe('what this device holds', () => {
  it('is ranked as at the company, without disabled customers', () => {
    expect(ids('王记')).toEqual(['b', 'a'])
    expect(ids('wj')).toEqual(['b', 'a'])
    expect(ids('无此客户')).toEqual([])
    expect(ids('  ')).toEqual([])
  })
  it('says where it was found', () => {
    const [found] = new LocalSearch().search(kind('customer'), shops, '补货', null)
    expect(found?.found).toEqual({ field: 'remark', text: '周五补货' })
    const [named] = new LocalSearch().search(kind('customer'), shops, '超市', null)
    expect(named?.found).toBeNull()
  })
  it('finds no number that this person sees the ends of', () => {
    expect(ids('0001')).toEqual(['a'])
    setFieldRights({ phone: 'masked' })
    expect(ids('13800001234')).toEqual([])
    expect(ids('0001')).toEqual([])
  })
  it('finds what another row leads to, after all others', () => {
    expect(ids('补货', new Set(['b']))).toEqual(['a', 'b'])
  })
  it('knows whole pinyin where the dictionary is there', () => {
    const pinyin = { initials: () => '', whole: (name: string) => (name === '王记' ? 'wangji' : '') }
    const found = new LocalSearch().search(kind('customer'), shops, 'wangji', pinyin)
    expect(found.map((one) => one.row.id)).toEqual(['b'])
  })
  it('follows a row that was changed', () => {
    const search = new LocalSearch()
    expect(search.search(kind('customer'), [shops[1]!], '王记', null)).toHaveLength(1)
    expect(search.search(kind('customer'), [row('b', { name: '李记' })], '王记', null)).toHaveLength(0)
  })
  it('knows what was said with customers and what may be sold to them', () => {
    const said = row('r', { customer_id: 'a', content: '老板嫌陈列费太高', next_goal: '带样品' })
    const chance = row('o', { customer_id: 'a', name: '年节礼盒', remark: '先谈冰柜' })
    const search = (record: string, one: typeof said, q: string) =>
      new LocalSearch().search(kind(record), [one], q, null)[0]?.found
    expect(search('contact_record', said, '陈列费')).toEqual({ field: 'content', text: '老板嫌陈列费太高' })
    expect(search('contact_record', said, '样品')).toEqual({ field: 'next_goal', text: '带样品' })
    expect(search('opportunity', chance, '礼盒')).toBeNull()
    expect(search('opportunity', chance, '冰柜')).toEqual({ field: 'remark', text: '先谈冰柜' })
    expect(kind('opportunity').screen(chance)).toBe('/customers/a/opportunities/o')
  })
})
