import { afterEach, describe, expect, it } from 'vitest'
import { i18n, language } from '@/app/i18n'
import { menuHas, menuName, setMenuNames } from '@/app/menu'
import { menuEntries, nameOf, renamed } from './menu'

describe('the main menu in the words of the company', () => {
  afterEach(() => {
    setMenuNames(null)
    language.value = 'zh-CN'
  })

  it('is called as the product calls it until somebody renames it', () => {
    i18n.global.mergeLocaleMessage('zh-CN', { 'nav.customers': '客户' })
    expect(menuName('nav.customers')).toBe('客户')
    setMenuNames({ 'nav.customers': { name: '门店', name_en: 'Shops' } })
    expect(menuName('nav.customers')).toBe('门店')
    language.value = 'en'
    expect(menuName('nav.customers')).toBe('Shops')
    // Nobody has translated it.
    language.value = 'zh-TW'
    expect(menuName('nav.customers')).toBe('门店')
  })

  it('has one name for what phone and desk call alike, and goes back', () => {
    i18n.global.mergeLocaleMessage('zh-CN', { 'nav.orders': '订单', 'record.order.plural': '订单' })
    const entry = menuEntries().find(({ usual }) => usual === '订单')!
    expect(entry.keys).toEqual(['nav.orders', 'record.order.plural'])
    const names = renamed({ other: { name: '别的' } }, entry, { name: ' 销售单 ', name_tw: ' ', name_en: 'Sales' })
    expect(names).toEqual({
      other: { name: '别的' },
      'nav.orders': { name: '销售单', name_en: 'Sales' },
      'record.order.plural': { name: '销售单', name_en: 'Sales' },
    })
    expect(nameOf(entry, names).name).toBe('销售单')
    expect(renamed(names, entry, { name: '' })).toEqual({ other: { name: '别的' } })
  })

  it('leaves out what the company does without, but never the ways to everything else', () => {
    const optional = menuEntries().find(({ fixed }) => !fixed)!
    const names = renamed({}, optional, { off: true })
    expect(names).toEqual(Object.fromEntries(optional.keys.map((key) => [key, { off: true }])))
    setMenuNames(names)
    expect(optional.keys.map(menuHas)).not.toContain(true)
    expect(menuHas('nav.customers')).toBe(true)
    const tab = menuEntries().find(({ keys }) => keys.includes('nav.customers'))!
    expect(renamed({}, tab, { off: true })).toEqual({})
  })
})
