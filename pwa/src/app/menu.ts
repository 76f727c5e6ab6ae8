/** What the entries of the main menu are called: as the company calls them, else as the product does; and which it has. */
import { shallowRef } from 'vue'
import { i18n, language } from './i18n'

export interface MenuName {
  name?: string
  name_tw?: string | null
  name_en?: string | null
  /** The company does without. */
  off?: boolean
}

/** By the i18n key of the product's name. */
export type MenuNames = Record<string, MenuName>

const names = shallowRef<MenuNames>({})

/** What the local store has now. */
export function setMenuNames(found: unknown): void {
  names.value = found && typeof found === 'object' ? (found as MenuNames) : {}
}
export const menuNames = (): MenuNames => names.value

export const menuHas = (key: string): boolean => !names.value[key]?.off

/** Chinese stands for what nobody has translated. */
export function menuName(key: string): string {
  const own = names.value[key]
  if (!own?.name) return i18n.global.t(key)
  const other = language.value === 'zh-TW' ? own.name_tw : language.value === 'en' ? own.name_en : null
  return other || own.name
}
