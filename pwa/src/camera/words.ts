/** The camera's words, loaded with the camera and in the chosen language only. */
import { i18n, type Language, language } from '@/app/i18n'
import { type Ref, ref, watch } from 'vue'

const files = import.meta.glob<Record<string, unknown>>('./i18n.*.json', { import: 'default' })
const loaded = new Set<Language>()

async function load(locale: Language): Promise<void> {
  if (loaded.has(locale)) return
  i18n.global.mergeLocaleMessage(locale, (await files[`./i18n.${locale}.json`]?.()) ?? {})
  loaded.add(locale)
}

/** `t` for keys like `camera.done`; `ready` turns true when the words of the present language are there. */
export function useWords(): { t: typeof i18n.global.t; ready: Ref<boolean> } {
  const ready = ref(loaded.has(language.value))
  watch(
    language,
    async (locale) => {
      await load(locale).catch(() => undefined)
      ready.value = true
    },
    { immediate: true },
  )
  return { t: i18n.global.t, ready }
}

const builtIn: ReadonlySet<string> = new Set(['storefront', 'shelf', 'order_book', 'other'])

/** The company's own name of a kind, else the translated one, else its code. */
export function kindLabel(kind: { code: string; label?: string }): string {
  return kind.label ?? (builtIn.has(kind.code) ? i18n.global.t(`camera.kind.${kind.code}`) : kind.code)
}
