/**
 * The areas of the app, in the order the desk's rail shows them. An area's `routes.ts` says what it brings; only its
 * declaration is loaded at start, its screens are lazy chunks.
 *
 * To add an area: write `src/areas/<area>/routes.ts` with an `Area` as default export, and its name here.
 */
import type { RouteRecordRaw } from 'vue-router'
import type { PhoneTab } from './navigation'

export const areaNames = [
  'today',
  'team',
  'customers',
  'visits',
  'orders',
  'receipts',
  'worklogs',
  'catalog',
  'imports',
  'conflicts',
  'people',
  'sync',
] as const
export type AreaName = (typeof areaNames)[number]

export interface RailEntry {
  path: string
  icon: string
  /** i18n key. */
  label: string
  /** Shown only to those who have it. */
  permission?: string
  /** Not for the tablet's shorter rail. */
  deskOnly?: boolean
  /** Shown only where the person looks after others (a data scope beyond their own). */
  managers?: boolean
}

export interface Area {
  name: AreaName
  routes: RouteRecordRaw[]
  rail?: RailEntry[]
  /** The phone's tabs this area serves; the first path that exists wins. */
  tabs?: Partial<Record<PhoneTab, string>>
}

const found = import.meta.glob<Area>('../areas/*/routes.ts', { eager: true, import: 'default' })

export const areas: Area[] = areaNames.flatMap((name) => {
  const area = found[`../areas/${name}/routes.ts`]
  return area ? [area] : []
})

/** Areas with a `routes.ts` that nobody put in the list above; a test keeps this empty. */
export const unlisted: string[] = Object.values(found)
  .map((area) => area.name as string)
  .filter((name) => !(areaNames as readonly string[]).includes(name))
