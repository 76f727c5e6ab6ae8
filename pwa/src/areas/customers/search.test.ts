import { describe, expect, it } from 'vitest'
import { CustomerIndex, duplicatesOf, similarNames, type Searchable } from './search'

const customer = (id: string, values: Partial<Searchable>): Searchable => ({
  id,
  rev: 1,
  root: `customer:${id}`,
  name: id,
  ...values,
})

const shops = [
  customer('a', { name: '王记超市市南店', pinyin_code: 'wjcssnd', mobile: '138 0000 1234', primary_contact: '王强' }),
  customer('b', { name: '李氏便利店', pinyin_code: 'lsbld', customer_no: 'CT2026112100007', city: '青岛' }),
  customer('c', { name: '城阳五金', pinyin_code: 'cywj', address: '城阳区王沙路 8 号' }),
  customer('d', { name: '王记', pinyin_code: 'wj' }),
  customer('e', { name: 'ＡＢＣ Trading', landline: '0532-8888 7777' }),
]
const contacts = [{ id: 'k', rev: 1, root: '', customer_id: 'c', name: '赵敏', phone: '139-1111-2222' }]

function found(query: string): string {
  const index = new CustomerIndex()
  index.update(shops, contacts)
  return index
    .search(query)
    .map((row) => row.id)
    .join('')
}

describe('searching customers', () => {
  it('knows pinyin initials, whole names first', () => expect(found('wj')).toBe('dac'))
  it('puts the exact name before longer ones and addresses last', () => expect(found('王')).toBe('dac'))
  it('finds a phone however it is written', () => {
    expect(found('13800001234')).toBe('a')
    expect(found('1234')).toBe('a')
    expect(found('88887777')).toBe('e')
  })
  it('finds by a contact of the customer, by name and phone', () => {
    expect(found('赵敏')).toBe('c')
    expect(found('13911112222')).toBe('c')
  })
  it('finds by the end of the number', () => expect(found('00007')).toBe('b'))
  it('takes full width for half width', () => expect(found('abc')).toBe('e'))
  it('wants every word', () => expect(found('青岛 李氏')).toBe('b'))
  it('forgives letters left out', () => expect(found('王超市南')).toBe('a'))
  it('finds nothing for nonsense', () => expect(found('qqqq')).toBe(''))
  it('gives all for nothing', () => expect(found('  ')).toBe('abcde'))
})

describe('an index that is updated', () => {
  it('follows a changed name and a new customer with initials of its own', () => {
    const index = new CustomerIndex()
    index.update(shops)
    index.update(
      [customer('a', { name: '新名', pinyin_code: 'xm' }), customer('n', { name: '青岛啤酒' })],
      [],
      () => 'qdpj',
    )
    expect(index.search('wj')).toEqual([])
    expect(index.search('qdpj').map((row) => row.id)).toEqual(['n'])
  })

  it('finds among 10,000 customers by each of their words, and by two of them', () => {
    const surnames = '王李张刘陈杨赵黄周吴'
    const rows = Array.from({ length: 10_000 }, (_, i) =>
      customer(`id-${i}`, {
        name: `${surnames[i % 10]}记${['超市', '便利店', '五金', '百货', '餐饮'][i % 5]}${i}号店`,
        pinyin_code: `${'wlzlcyzhzw'[i % 10]}j${['cs', 'bld', 'wj', 'bh', 'cy'][i % 5]}${i}hd`,
        customer_no: `CT20261121${String(i).padStart(5, '0')}`,
        mobile: `138${String(10_000_000 + i)}`,
        primary_contact: `${surnames[(i * 7) % 10]}经理`,
        address: `山东省青岛市市南区香港中路 ${i} 号`,
      }),
    )
    const index = new CustomerIndex()
    index.update(rows)
    for (const query of ['w', 'wjcs', '王记', '1381000', '香港中路', '经理']) {
      expect(index.search(query).length, query).toBeGreaterThan(0)
    }
    expect(index.search('zzzz')).toEqual([])
    expect(index.search('王记 7770').map((row) => row.id)).toEqual(['id-7770'])
    expect(index.search('10009999').map((row) => row.id)).toEqual(['id-9999'])
  })
})

describe('the hint about duplicates', () => {
  it('names the field that is the same', () => {
    const hits = duplicatesOf(shops, { name: '新店', mobile: '13800001234' }, ['name', 'mobile'])
    expect(hits.map(({ row, field }) => [row.id, field])).toEqual([['a', 'mobile']])
  })
  it('is silent about empty fields', () =>
    expect(duplicatesOf(shops, { name: '', mobile: null }, ['name'])).toEqual([]))
})

describe('a short name beside the full one', () => {
  const like = (name: string) => similarNames(shops, name).map((row) => row.id)
  it('is shown, whichever of them is typed', () => {
    expect(like('青岛李氏便利店有限公司')).toEqual(['b'])
    expect(like('王记超市')).toEqual(['a', 'd'])
    expect(like('王记')).toEqual(['a'])
  })
  it('the same name is no short one, and one character says nothing', () => {
    expect(like('城阳五金')).toEqual([])
    expect(like('王')).toEqual([])
  })
})
