/** The entries of the main menu as an administrator names them, or leaves them out. */
import { areas, deskRail } from '@/app/areas'
import { i18n } from '@/app/i18n'
import type { MenuName, MenuNames } from '@/app/menu'

/** The phone's tabs; what stands there for an area is called as the area is. */
const TABS = ['nav.today', 'nav.customers', 'nav.new_visit', 'nav.orders', 'nav.me']

export interface Entry {
  /** Phone, tablet and desk have a key each for what is one thing to people. */
  keys: string[]
  /** The product's name. */
  usual: string
  /** Nobody can do without: a tab of the phone, or where the company's settings are. */
  fixed: boolean
}

/** Each name that the product uses, once, in the order of the menu. */
export function menuEntries(): Entry[] {
  const found = new Map<string, Entry>()
  const keys = [
    ...TABS,
    ...areas.flatMap((area) => area.rail ?? []).map(({ label }) => label),
    ...deskRail.map(({ label }) => label),
  ]
  const fixed = new Set([...TABS, ...deskRail.filter(({ group }) => group === 'settings').map(({ label }) => label)])
  for (const key of new Set(keys)) {
    const usual = i18n.global.t(key)
    const there = found.get(usual) ?? { keys: [], usual, fixed: false }
    found.set(usual, { keys: [...there.keys, key], usual, fixed: there.fixed || fixed.has(key) })
  }
  return [...found.values()]
}

export const nameOf = (entry: Entry, names: MenuNames): MenuName =>
  entry.keys.map((key) => names[key]).find(Boolean) ?? { name: '' }

/** Without a Chinese name it is called as the product calls it; names of entries that this version does not show stay. */
export function renamed(names: MenuNames, entry: Entry, to: MenuName): MenuNames {
  const next = { ...names }
  const name = to.name?.trim()
  const off = to.off === true && !entry.fixed
  for (const key of entry.keys) {
    delete next[key]
    if (!name && !off) continue
    const [name_tw, name_en] = name ? [to.name_tw?.trim(), to.name_en?.trim()] : []
    next[key] = {
      ...(name && { name }),
      ...(name_tw && { name_tw }),
      ...(name_en && { name_en }),
      ...(off && { off }),
    }
  }
  return next
}
