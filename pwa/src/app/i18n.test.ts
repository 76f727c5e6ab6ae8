import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { compileMessages, flatten } from '../../scripts/vite-messages'

const read = (file: string) => flatten(JSON.parse(readFileSync(file, 'utf8')))
const placeholders = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]).sort()

/** Every set of message files: the shell's and each area's. */
const sets = [
  { name: 'shell', file: (language: string) => `src/i18n/${language}.json` },
  ...readdirSync('src/areas').map((area) => ({
    name: area,
    file: (language: string) => `src/areas/${area}/i18n.${language}.json`,
  })),
].filter((set) => {
  try {
    readFileSync(set.file('zh-CN'))
    return true
  } catch {
    return false
  }
})

describe.each(sets)('messages of $name', ({ file }) => {
  const source = read(file('zh-CN'))
  it.each(['zh-TW', 'en'])('%s says everything, with the same placeholders', (language) => {
    const translated = read(file(language))
    expect(Object.keys(translated).sort()).toEqual(Object.keys(source).sort())
    for (const [key, text] of Object.entries(source)) {
      expect(placeholders(translated[key] ?? ''), key).toEqual(placeholders(text))
    }
  })
  it.each(['zh-CN', 'zh-TW', 'en'])('%s compiles', (language) => {
    expect(() => compileMessages(readFileSync(file(language), 'utf8'), file(language))).not.toThrow()
  })
})

describe('compiled messages', () => {
  it("puts an area's name in front of its keys", () => {
    expect(compileMessages('{"title": "客户"}', '/src/areas/customers/i18n.zh-CN.json')).toContain(
      '"customers.title": "客户"',
    )
  })
  it('keeps text of the server as text', () => {
    const code = compileMessages('{"error.x": "a|b 写信给 me@example.com：{name}"}', '/src/generated/labels.en.json')
    expect(code).toContain('_named("name")')
    expect(code).not.toContain('_plural([')
    expect(code).not.toContain('_linked(')
  })
})
