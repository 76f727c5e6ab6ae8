import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { ACCENTS, inLook, readLook, setTemplates, templateOf, type TemplateRow } from '../look'

const luminance = (hex: string): number => {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(hex.slice(at, at + 2), 16) / 255
    return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}
const contrast = (one: string, other: string): number => {
  const [light = 0, dark = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a)
  return (light + 0.05) / (dark + 0.05)
}

it('every colour of the palette can be read in light and dark: on the page, on its tint, and words on it', () => {
  const text = readFileSync(join(import.meta.dirname, 'look.scss'), 'utf8')
  const grounds = { light: ['#f6f5f2', '#ffffff', '#eceae5'], dark: ['#121618', '#1b2123', '#0d1011'] }
  const ink = { light: '#1a2124', dark: '#e8ecec' }
  for (const theme of ['light', 'dark'] as const) {
    const map = text.slice(text.indexOf(`$${theme}: (`))
    const block = map.slice(0, map.indexOf(');'))
    const found = [...block.matchAll(/(\w+):\s*\(\s*(#\w{6}),\s*(#\w{6}),\s*(#\w{6}),\s*(#\w{6}),?\s*\)/g)]
    expect(found.map(([, name]) => name)).toEqual([...ACCENTS])
    for (const [, name, accent, strong, soft, on] of found as unknown as [
      string,
      string,
      string,
      string,
      string,
      string,
    ][]) {
      for (const ground of [...grounds[theme], soft])
        expect(contrast(accent, ground), `${theme} ${name} on ${ground}`).toBeGreaterThanOrEqual(4.5)
      expect(contrast(on, accent), `${theme} words on ${name}`).toBeGreaterThanOrEqual(4.5)
      expect(contrast(on, strong), `${theme} words on pressed ${name}`).toBeGreaterThanOrEqual(4.5)
      expect(contrast(ink[theme], soft), `${theme} text on the tint of ${name}`).toBeGreaterThanOrEqual(7)
    }
  }
})

it('what a newer server says and this device does not know is left out', () => {
  const known = readLook({
    columns: 3,
    labels: 'inside',
    accent: 'neon',
    spacing: 'close',
    text: 7,
    paper: { paper: 'A0', lines: 'all' },
  })
  expect(known).toMatchObject({ columns: null, labels: null, accent: null, spacing: 'close', text: '' })
  expect(known.paper).toMatchObject({ paper: 'A4', direction: 'portrait', lines: null, signatures: [] })
  expect(readLook(null)).toEqual(readLook({}))
  expect(inLook(known).classes).toEqual(['look-spacing-close'])
})

it('the one in force of a form and purpose counts, and no other', () => {
  const row = (id: string, part: Partial<TemplateRow>) =>
    ({
      id,
      name: id,
      record_type: 'order',
      purpose: 'print',
      in_force: true,
      look: {},
      picture: null,
      ...part,
    }) as TemplateRow
  setTemplates([row('a', { in_force: false }), row('b', {}), row('c', { purpose: 'edit' })])
  expect(templateOf('order', 'print')?.id).toBe('b')
  expect(templateOf('order', 'create')).toBeNull()
  expect(templateOf('customer', 'print')).toBeNull()
  setTemplates([])
})
