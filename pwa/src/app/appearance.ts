/** Light or dark, and which of the three layouts; both are this device's choice, kept in localStorage. */
import { computed, ref, watch } from 'vue'
import { Dark } from 'quasar'
import { useSession } from './session'
import { remember, remembered } from './deviceMemory'

export type Theme = 'auto' | 'light' | 'dark'
export type Layout = 'phone' | 'tablet' | 'desk'

function kept<T extends string>(key: string, allowed: readonly T[], otherwise: T): T {
  const value = remembered(key) as T | null
  return value !== null && allowed.includes(value) ? value : otherwise
}

export const themes = ['auto', 'light', 'dark'] as const
export const layouts = ['auto', 'phone', 'tablet', 'desk'] as const

export const textSizes = ['normal', 'large', 'larger'] as const
export type TextSize = (typeof textSizes)[number]
/** In percent of what the system or browser has been set to. */
const percent: Record<TextSize, number> = { normal: 100, large: 115, larger: 130 }

export const textSize = ref<TextSize>(kept('xunke.text', textSizes, 'normal'))
export const theme = ref<Theme>(kept('xunke.theme', themes, 'auto'))
export const layoutChoice = ref<Layout | 'auto'>(kept('xunke.layout', layouts, 'auto'))

/** Applies the choice now and whenever it changes; called once before the app is mounted. */
export function startAppearance(): void {
  watch(theme, (value) => remember('xunke.theme', value))
  watch(layoutChoice, (value) => remember('xunke.layout', value))
  watch(textSize, (value) => remember('xunke.text', value))
  watch(textSize, (value) => (document.documentElement.style.fontSize = `${percent[value]}%`), { immediate: true })
  watch(theme, (value) => Dark.set(value === 'auto' ? 'auto' : value === 'dark'), { immediate: true })
}

// rem, so that large text leads to the roomier layout sooner
const wide = matchMedia('(min-width: 1200px)')
const middle = matchMedia('(min-width: 700px)')
const width = ref<Layout>('phone')
const measure = () => (width.value = wide.matches ? 'desk' : middle.matches ? 'tablet' : 'phone')
wide.addEventListener('change', measure)
middle.addEventListener('change', measure)
measure()

/**
 * By width; a phone stays a phone, whoever holds it. On a desk-sized screen a rep who looks after nobody and has no
 * desk work still gets the desk's lists: the choice on the Me page can override.
 */
export const layout = computed<Layout>(() => {
  if (layoutChoice.value === 'auto') return width.value
  // A chosen desk layout on a phone's width would be unusable, and could not be undone with a thumb.
  if (width.value === 'phone') return 'phone'
  return layoutChoice.value
})

/** Whether the screens for those who look after others come first. */
export const managing = computed(() => layout.value !== 'phone' && useSession().leads)
