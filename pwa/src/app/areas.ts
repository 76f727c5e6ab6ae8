/**
 * The areas of the app, in the order the rail shows them. An area's `routes.ts` says what it brings to phone and
 * tablet, its `routes.desk.ts` what it brings to the desk; only these are loaded at start, screens are lazy chunks.
 *
 * To add an area: write `src/areas/<area>/routes.ts` with an `Area` as default export, and its name here.
 * A record needs no screen of its own at the desk: list, form and panel are drawn from its declaration.
 */
import type { Ref } from 'vue'
import type { RouteRecordRaw } from 'vue-router'
import type { PhoneTab } from './navigation'
import type { Audience } from './session'

export const areaNames = [
  'portal',
  'desk',
  'today',
  'team',
  'approvals',
  'notifications',
  'customers',
  'followups',
  'alerts',
  'mails',
  'orders',
  'visits',
  'attachments',
  'worklogs',
  'targets',
  'office',
  'reports',
  'catalog',
  'conflicts',
  'devices',
  'imports',
  'people',
  'company',
  'own',
  'layouts',
  'scheduler',
  'search',
  'sync',
  'me',
] as const
export type AreaName = (typeof areaNames)[number]

export interface RailEntry extends Audience {
  path: string
  icon: string
  /** i18n key. */
  label: string
  /** Not for the tablet's shorter rail; there it stands under "me". */
  deskOnly?: boolean
  /** Not for those who have this for others' rows too: another entry shows them the same and more. */
  unlessForOthers?: string
  /** The desk's rail has many entries; they stand under these heads. Without one: at the top. */
  group?: 'records' | 'decide' | 'settings'
  /** How many wait there; not shown while there are none. */
  count?: Readonly<Ref<number>>
}

export interface Area {
  name: AreaName
  routes: RouteRecordRaw[]
  rail?: RailEntry[]
  /** The phone's tabs this area serves; the first path that exists wins. */
  tabs?: Partial<Record<PhoneTab, string>>
}

/** What an area brings to the desk. Its rail entries stand instead of those of `routes.ts`. */
export interface DeskArea {
  name: AreaName
  routes: RouteRecordRaw[]
  rail?: RailEntry[]
}

const found = import.meta.glob<Area>('../areas/*/routes.ts', { eager: true, import: 'default' })

export const areas: Area[] = areaNames.flatMap((name) => {
  const area = found[`../areas/${name}/routes.ts`]
  return area ? [area] : []
})

const foundAtDesk = import.meta.glob<DeskArea>('../areas/*/routes.desk.ts', { eager: true, import: 'default' })

export const deskAreas: DeskArea[] = areaNames.flatMap((name) => {
  const area = foundAtDesk[`../areas/${name}/routes.desk.ts`]
  return area ? [area] : []
})

/** The desk's rail: an area's own desk entries, else what it shows everywhere. */
export const deskRail: RailEntry[] = areaNames.flatMap((name) => {
  const atDesk = foundAtDesk[`../areas/${name}/routes.desk.ts`]?.rail
  return atDesk ?? found[`../areas/${name}/routes.ts`]?.rail ?? []
})

/** Areas with a `routes.ts` that nobody put in the list above; a test keeps this empty. */
export const unlisted: string[] = [...Object.values(found), ...Object.values(foundAtDesk)]
  .map((area) => area.name as string)
  .filter((name) => !(areaNames as readonly string[]).includes(name))
