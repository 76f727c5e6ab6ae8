// @vitest-environment node
import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { compileMessages, flatten } from '../../scripts/vite-messages'

const read = (language: string) => readFileSync(`src/camera/i18n.${language}.json`, 'utf8')
const placeholders = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1])
const source = flatten(JSON.parse(read('zh-CN')))

it.each(['zh-TW', 'en'])('%s says everything, with the same placeholders', (language) => {
  const words = flatten(JSON.parse(read(language)))
  expect(Object.keys(words)).toEqual(Object.keys(source))
  for (const [key, message] of Object.entries(source)) {
    expect(placeholders(words[key]!), key).toEqual(placeholders(message))
  }
})

it.each(['zh-CN', 'zh-TW', 'en'])('every message of %s compiles', (language) => {
  expect(() => compileMessages(read(language), 'camera')).not.toThrow()
})
