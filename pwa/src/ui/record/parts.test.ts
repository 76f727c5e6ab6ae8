/** Settings that are kept as JSON are told as people speak of them. */
import { afterEach, describe, expect, it } from 'vitest'
import { i18n, language } from '@/app/i18n'
import { changedParts, idsIn, partWords } from './parts'

const ROLE = '0190f2c4-aaaa-7000-8000-000000000001'
i18n.global.mergeLocaleMessage('zh-CN', {
  'action.yes': '是', 'action.no': '否', 'desk.there': '有', 'desk.reordered': '顺序有变', 'desk.part.name': '名称',
  'desk.part.off': '不用', 'desk.part.day_1': '周一', 'desk.part.day_6': '周六', 'nav.orders': '订单',
  'field.customer.name': '客户名称', 'field.customer.mobile': '手机', 'own.tables.may_view': '查看',
  'own.tables.may_edit': '修改', 'own.tables.other_roles': '其他角色', 'desk.part.required': '必填',
}) // prettier-ignore
i18n.global.mergeLocaleMessage('en', { 'field.customer.name': 'Customer name', 'field.customer.mobile': 'Mobile' })
afterEach(() => (i18n.global.locale.value = language.value = 'zh-CN'))
const told = (record: string, field: string, before: unknown, after: unknown, names = {}) =>
  changedParts(before, after, partWords(record, field), names).map((line) => [line.part, line.before, line.after])

describe('the history of a setting', () => {
  it('lists what is chosen by its name, in the language of the reader', () => {
    expect(told('company', 'duplicate_fields', ['name', 'mobile'], ['name'])).toEqual([
      ['', '客户名称、手机', '客户名称'],
    ])
    expect(told('company', 'work_days', [1, 6], [1])).toEqual([['', '周一、周六', '周一']])
    i18n.global.locale.value = language.value = 'en'
    expect(told('company', 'duplicate_fields', null, ['name', 'mobile'])).toEqual([['', '', 'Customer name, Mobile']])
  })

  it('names only the parts that differ', () => {
    const before = { 'nav.orders': { name: '单子' }, 'nav.me': { name: '我' } }
    const after = { 'nav.orders': { name: '销售单', off: true }, 'nav.me': { name: '我' } }
    expect(told('company', 'menu_names', before, after)).toEqual([
      ['订单 · 名称', '单子', '销售单'],
      ['订单 · 不用', '', '是'],
    ])
    expect(told('company', 'menu_names', before, null).map(([part, , now]) => [part, now])).toEqual([
      ['订单 · 名称', ''],
      ['nav.me · 名称', ''],
    ])
  })

  it('calls a role by its name', () => {
    const [before, after] = [{ others: ['view', 'edit'] }, { others: ['view', 'edit'], [ROLE]: ['view'] }]
    expect(idsIn([before, after])).toEqual([ROLE])
    expect(told('own_table', 'rights', before, after, { [ROLE]: '内勤' })).toEqual([['内勤', '', '查看']])
    expect(told('own_table', 'rights', before, { others: [] })).toEqual([['其他角色', '查看、修改', '']])
  })

  it('knows items of a list again when they move, and says that they did', () => {
    const [one, two] = [
      { key: 'a', name: '大' },
      { key: 'b', name: '小' },
    ]
    expect(told('own_field', 'choices', [one, two], [two, one])).toEqual([['', '', '顺序有变']])
    expect(told('own_field', 'choices', [one], [two, one])).toEqual([['小', '', '有']])
    expect(told('own_field', 'choices', [one, two], [one])).toEqual([['小', '有', '']])
    expect(told('own_field', 'choices', [one], [{ ...one, name: '特大' }])).toEqual([['特大 · 名称', '大', '特大']])
  })

  it('never shows its notation', () => {
    const odd = [{ x: [{ y: null, z: { deep: [1, 2] } }] }, [], {}, 'text', 3, false, null]
    for (const before of odd)
      for (const after of odd)
        expect(JSON.stringify(told('company', 'other', before, after))).not.toMatch(/\\"|\{|object/)
  })
})
