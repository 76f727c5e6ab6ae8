import type { DeskArea } from '@/app/areas'
import { deskRoutes } from '@/ui/record/paths'
import { wordsOf } from '../words'
import { iconOwnFields, iconTable, iconTables } from './icons'
import { hasTables } from './table'

const rows = { area: 'desk', permission: 'own_row.view', title: 'nav.tables' } as const
const row = { ...rows, panel: true }

const desk: DeskArea = {
  name: 'own',
  routes: [
    {
      path: '/desk/form-fields',
      component: () => import('./desk/OwnFields.vue'),
      meta: { area: 'own', title: 'record.own_field.plural', permission: 'company.edit' },
    },
    {
      path: '/desk/own-tables-setup',
      component: () => import('./desk/OwnTables.vue'),
      meta: { area: 'own', title: 'record.own_table.plural', permission: 'company.edit' },
    },
    deskRoutes('own_field'),
    deskRoutes('own_table'),
    {
      path: '/desk/tables',
      component: () => import('./phone/TableList.vue'),
      meta: { ...rows, area: 'own', twin: '/tables' },
    },
    {
      path: '/desk/tables/:table',
      component: () => import('./desk/TableRows.vue'),
      props: ({ params }) => ({ table: String(params.table) }),
      beforeEnter: wordsOf('own'),
      meta: { ...rows, twin: '/tables/:table' },
      children: [
        {
          path: 'new',
          component: () => import('./desk/TableCreate.vue'),
          props: ({ params }) => ({ table: String(params.table) }),
          meta: row,
        },
        {
          path: ':id',
          component: () => import('./desk/TablePanel.vue'),
          props: ({ params }) => ({ table: String(params.table), id: String(params.id) }),
          meta: { ...row, twin: '/tables/:table/:id' },
        },
      ],
    },
  ],
  rail: [
    {
      path: '/desk/tables',
      icon: iconTable,
      label: 'nav.tables',
      permission: 'own_row.view',
      while: hasTables,
      group: 'records',
    },
    {
      path: '/desk/form-fields',
      icon: iconOwnFields,
      label: 'record.own_field.plural',
      permission: 'company.edit',
      deskOnly: true,
      group: 'settings',
    },
    {
      path: '/desk/own-tables-setup',
      icon: iconTables,
      label: 'record.own_table.plural',
      permission: 'company.edit',
      deskOnly: true,
      group: 'settings',
    },
  ],
}
export default desk
