import { afterEach, expect, it } from 'vitest'
import { setFieldRights } from '@/ui/rights'
import { lacksNumber } from './words'

afterEach(() => setFieldRights({}))

it('a customer needs a number of those who may write one', () => {
  expect(lacksNumber({ name: '王记超市' })).toBe(true)
  expect(lacksNumber({ landline: '0532 88886666' })).toBe(false)
  setFieldRights({ phone: 'masked' })
  expect(lacksNumber({})).toBe(true)
  expect(lacksNumber({ mobile: '138****1234' })).toBe(false)
  for (const right of ['read', 'hidden'] as const) {
    setFieldRights({ phone: right })
    expect(lacksNumber({})).toBe(false)
  }
})
