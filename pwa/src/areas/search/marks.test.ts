import { describe, expect, it } from 'vitest'
import { cut, partsOf } from './marks'

const marked = (text: string, ...words: string[]) =>
  partsOf(text, words)
    .map(({ text: part, hit }) => (hit ? `[${part}]` : part))
    .join('')

describe('what was searched for', () => {
  it('is marked as it is written, whatever the width, case and blanks', () => {
    expect(marked('王记超市', '记超')).toBe('王[记超]市')
    expect(marked('138 0000 1234', '00001234')).toBe('138 [0000 1234]')
    expect(marked('ＡＢＣ店', 'abc')).toBe('[ＡＢＣ]店')
    expect(marked('🍎店🍎', '🍎')).toBe('[🍎]店[🍎]')
    expect(marked('王记', 'wj')).toBe('王记')
  })
  it('marks every word, also where they overlap', () => expect(marked('香港中路', '香港', '港中')).toBe('[香港中]路'))
  it('is shown out of a long text', () => {
    const text = `${'前'.repeat(80)}补货${'后'.repeat(80)}`
    expect(cut(text, ['补货'])).toBe(`…${'前'.repeat(24)}补货${'后'.repeat(48)}…`)
    expect(cut('短', ['补货'])).toBe('短')
  })
})
