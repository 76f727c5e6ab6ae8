// @vitest-environment happy-dom
/** What the company decided is told in the reader's language, whatever it was stored in. */
import { afterEach, expect, it } from 'vitest'
import { setLanguage } from '@/app/i18n'
import { errorText } from './labels'

const params = { label: '名称', words: { label: ['名称', '名稱', 'Name'] } }
afterEach(() => setLanguage('zh-CN'))

it('names a field in the language of the reader', async () => {
  await setLanguage('en')
  expect(errorText('required', params)).toBe('Name is required')
  await setLanguage('zh-TW')
  expect(errorText('required', params)).toBe('請填寫名稱')
  await setLanguage('zh-CN')
  expect(errorText('required', params)).toBe('请填写名称')
})

it('leaves what the form calls it', async () => {
  await setLanguage('en')
  expect(errorText('required', { ...params, label: 'Shop' })).toBe('Shop is required')
})
