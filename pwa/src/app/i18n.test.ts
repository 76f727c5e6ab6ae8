import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { createI18n } from 'vue-i18n'
import { compileMessages, flatten } from '../../scripts/vite-messages'

const read = (file: string) => flatten(JSON.parse(readFileSync(file, 'utf8')))
/** Each placeholder once: English says some twice, in "{n} photo | {n} photos". */
const placeholders = (text: string) => [...new Set([...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]))].sort()

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
  it('knows one from many', () => {
    const { n_photos } = flatten(JSON.parse(readFileSync('src/areas/team/i18n.en.json', 'utf8')))
    const code = compileMessages(JSON.stringify({ n_photos }), '/src/areas/team/i18n.en.json')
    // The bundler's module as a dictionary: what the browser imports.
    const words = new Function(code.replace('export default', 'return'))() as Record<string, string>
    const { t } = createI18n({
      legacy: false,
      locale: 'en',
      messages: { en: words },
      messageResolver: (messages, path) => (messages as Record<string, string>)[path] ?? null,
    }).global
    expect([0, 1, 2].map((n) => t('team.n_photos', { n }))).toEqual(['0 photos', '1 photo', '2 photos'])
  })
  it('keeps text of the server as text', () => {
    const code = compileMessages('{"error.x": "a|b 写信给 me@example.com：{name}"}', '/src/generated/labels.en.json')
    expect(code).toContain('_named("name")')
    expect(code).not.toContain('_plural([')
    expect(code).not.toContain('_linked(')
  })
})
