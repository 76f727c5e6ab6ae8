import { afterEach, expect, it } from 'vitest'
import { language } from '@/app/i18n'
import { colon, comma, inside } from './comma'

afterEach(() => (language.value = 'zh-CN'))

it('lists and sentences are written as the language does', () => {
  expect(['甲', '乙'].join(comma()) + colon()).toBe('甲、乙：')
  expect(inside('拜访日报')).toBe('拜访日报')
  language.value = 'en'
  expect(['A', 'B'].join(comma()) + colon()).toBe('A, B: ')
  expect(['Call reports', 'SMS texts'].map(inside)).toEqual(['call reports', 'SMS texts'])
})
