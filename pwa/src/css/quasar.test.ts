import { globSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

/** Components whose look stands in another component's style sheet, or that have none. */
const elsewhere: Record<string, string> = {
  QItemSection: 'item',
  QItemLabel: 'item',
  QList: 'item',
  QTab: 'tabs',
  QRouteTab: 'tabs',
  QTabPanels: 'tab-panels',
  QCardSection: 'card',
  QCardActions: 'card',
}

it('every Quasar component in use has its style sheet in quasar.scss', () => {
  const styles = readFileSync('src/css/quasar.scss', 'utf8')
  const used = new Set<string>()
  for (const file of globSync('src/**/*.vue')) {
    for (const [, name = ''] of readFileSync(file, 'utf8').matchAll(/<(q-[a-z-]+)/g)) {
      used.add(name.replace(/(^|-)([a-z])/g, (_, _dash, letter: string) => letter.toUpperCase()))
    }
  }
  const missing = [...used].filter((name) => {
    const folder =
      elsewhere[name] ??
      name
        .slice(1)
        .replace(/(?!^)[A-Z]/g, (letter) => `-${letter}`)
        .toLowerCase()
    return !styles.includes(`/components/${folder}/`)
  })
  expect(missing).toEqual([])
})
