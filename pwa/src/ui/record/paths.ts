/** Where a record is found at the desk, and the routes of its screens. */
import type { RouteComponent, RouteRecordRaw } from 'vue-router'
import type { RailEntry } from '@/app/areas'
import { declarations, recordNamed } from '../declarations'
import { baseOf } from '../tables'

/** The address of a record's list, or of one row, at the desk. */
export const deskPath = (record: string, id?: string | null): string =>
  `${recordNamed(record).desk ?? `/desk/${recordNamed(record).path}`}${id ? `/${encodeURIComponent(id)}` : ''}`

type Lazy = () => Promise<RouteComponent>

export interface DeskScreens {
  /** Instead of the list drawn from the declaration. */
  list?: Lazy
  /** Instead of the panel drawn from the declaration. */
  panel?: Lazy
  /** Instead of the form drawn from the declaration; null where it is a screen of its own, `/desk/<path>/new`. */
  create?: Lazy | null
  /** The phone's screen of the same row: an address that is sent to somebody on the road opens that. */
  phone?: string
  /** The phone's screen of the same list. */
  phoneList?: string
}

const usual = {
  list: () => import('./RecordList.vue'),
  panel: () => import('./RecordPanel.vue'),
  create: () => import('./RecordCreate.vue'),
}

/** List at `/desk/<path>`, with the form for a new row and the panel of a row beside it. */
export function deskRoutes(record: string, screens: DeskScreens = {}): RouteRecordRaw {
  const { path, permission } = recordNamed(record)
  const meta = { area: 'desk', permission: `${permission}.view`, title: `record.${record}.plural` }
  return {
    path: `/desk/${path}`,
    component: screens.list ?? usual.list,
    props: { record },
    meta: { ...meta, twin: screens.phoneList },
    children: [
      ...(screens.create === null
        ? []
        : [
            {
              path: 'new',
              component: screens.create ?? usual.create,
              props: { record },
              meta: { ...meta, panel: true, twin: undefined },
            },
          ]),
      {
        path: ':id',
        component: screens.panel ?? usual.panel,
        props: (route) => ({ record, id: String(route.params.id) }),
        meta: { ...meta, panel: true, twin: screens.phone },
      },
    ],
  }
}

/** The records nobody has written routes for. */
export function otherDeskRoutes(taken: RouteRecordRaw[]): RouteRecordRaw[] {
  const there = new Set(taken.map((route) => route.path.replace(/\/:.*$/, '')))
  return Object.keys(declarations().records)
    .filter((record) => baseOf(record) === record)
    .map((record) => deskRoutes(record))
    .filter((route) => !there.has(route.path))
}

/** The rail entry of a record's list. */
export const deskEntry = (record: string, icon: string, group: RailEntry['group'] = 'records'): RailEntry => ({
  path: deskPath(record),
  icon,
  label: `record.${record}.plural`,
  permission: `${recordNamed(record).permission}.view`,
  record,
  deskOnly: true,
  group,
})
