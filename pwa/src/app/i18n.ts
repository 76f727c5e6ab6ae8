/**
 * Languages. The shell's words (`src/i18n`), the declared labels (`src/generated`) and each area's words
 * (`src/areas/<area>/i18n.<lang>.json`) are separate chunks, loaded for the chosen language only.
 *
 * Messages are compiled at build time (scripts/vite-messages.ts) to flat dictionaries: `t('customers.title')`.
 */
import { createI18n } from 'vue-i18n'
import { ref } from 'vue'
import { remember, remembered } from './deviceMemory'

export const languages = ['zh-CN', 'zh-TW', 'en'] as const
export type Language = (typeof languages)[number]

/** How each language calls itself: never translated. */
export const languageNames: Record<Language, string> = { 'zh-CN': '简体中文', 'zh-TW': '繁體中文', en: 'English' }

type Dictionary = Record<string, string>
type Loaders = Record<string, () => Promise<Dictionary>>

const shell: Loaders = import.meta.glob<Dictionary>('../i18n/*.json', { import: 'default' })
const labels: Loaders = import.meta.glob<Dictionary>('../generated/labels.*.json', { import: 'default' })
const byArea: Loaders = import.meta.glob<Dictionary>('../areas/*/i18n.*.json', { import: 'default' })

export const i18n = createI18n({
  legacy: false,
  locale: 'zh-CN',
  fallbackLocale: 'zh-CN',
  missingWarn: false,
  fallbackWarn: false,
  messages: {} as { [locale: string]: Dictionary },
  messageResolver: (messages, path) => (messages as Record<string, string>)[path] ?? null,
  messageCompiler: (message) => () => message as string,
})

export const language = ref<Language>('zh-CN')
const loaded = new Set<string>()

async function load(loaders: Loaders, path: string, locale: Language): Promise<void> {
  const loader = loaders[path]
  if (!loader || loaded.has(path)) return
  i18n.global.mergeLocaleMessage(locale, await loader())
  loaded.add(path)
}

/** Waits for an area's words in the present language; an area without words is fine. */
export function loadArea(area: string): Promise<void> {
  return load(byArea, `../areas/${area}/i18n.${language.value}.json`, language.value)
}

/** Loads and switches; remembers the choice. Words of areas follow without being waited for. */
export async function setLanguage(next: Language): Promise<void> {
  await Promise.all([
    load(shell, `../i18n/${next}.json`, next),
    load(labels, `../generated/labels.${next}.json`, next),
  ])
  language.value = next
  i18n.global.locale.value = next
  document.documentElement.lang = next
  remember('xunke.language', next)
  for (const path of Object.keys(byArea)) {
    if (path.endsWith(`/i18n.${next}.json`)) void load(byArea, path, next).catch(() => undefined)
  }
}

/** The language chosen before, else the browser's, else Simplified Chinese. */
export function firstLanguage(): Language {
  const kept = remembered('xunke.language') as Language | null
  if (kept && languages.includes(kept)) return kept
  for (const wanted of navigator.languages) {
    if (/^zh-(TW|HK|MO|Hant)/i.test(wanted)) return 'zh-TW'
    if (/^zh/i.test(wanted)) return 'zh-CN'
    if (/^en/i.test(wanted)) return 'en'
  }
  return 'zh-CN'
}

/** A translation, or null where there is none (`t` would show the key). */
export function textOrNull(key: string, params: Record<string, unknown> = {}): string | null {
  const { te, t } = i18n.global
  return te(key) || te(key, 'zh-CN') ? t(key, params) : null
}
