/** A table of the company's own is a declared record for whoever may see it: screens need not know that there are such. */
import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { listRecords } from '@/api/records'
import { useSession } from '@/app/session'
import { declarations, fieldLabel, recordLabel, recordNamed } from './declarations'
import { setOwnFields, type OwnFieldRow } from './own'
import { deskPath } from './record/paths'
import { recordOfTable, roleSuffices, seersOf, setTables, tables, type OwnTable } from './tables'

const asked: [string, unknown][] = []
vi.mock('@/api/client', async (whole) => ({
  ...(await whole<object>()),
  request: (path: string, { query }: { query: unknown }) => asked.push([path, query]),
}))

const field = (key: string, table_id: string | null, rest: object = {}): OwnFieldRow => ({
  id: key, record_type: table_id ? 'own_row' : 'customer', table_id, key, name: key, name_tw: null, name_en: null,
  kind: 'text', choices: null, required: false, hidden: false, listed: true, quick: true, search: false, sort: 10,
  default_value: null, others: 'edit', rights: null, state: 'active', ...rest,
}) // prettier-ignore
const table = (id: string, rest: Partial<OwnTable> = {}): OwnTable => ({
  id, name: '冰柜', name_tw: null, name_en: null, title_name: null, title_name_tw: null, title_name_en: null,
  place: 'customer', rights: { others: ['view', 'create', 'edit', 'delete', 'export'] }, sort: 10, state: 'active',
  ...rest,
}) // prettier-ignore
const [fridges, prices] = [recordOfTable('t1'), recordOfTable('t2')]

beforeEach(() => {
  setActivePinia(createPinia())
  setOwnFields([field('litres', 't1'), field('rival', 't2'), field('mine', null)], 'sales')
  setTables([table('t1', { title_name: '编号' }), table('t2', { name: '竞品', place: 'company', sort: 5 })], 'sales')
})

describe('a table of the company', () => {
  it('is a record with its own columns, names and address', () => {
    expect(tables.value.map(({ id }) => id)).toEqual(['t2', 't1'])
    expect(recordNamed(fridges).fields.map(({ name }) => name)).toEqual([
      'title', 'customer_id', 'own.litres', 'created_at', 'created_by',
    ]) // prettier-ignore
    expect(recordNamed(fridges).fields.find(({ name }) => name === 'customer_id')).toMatchObject({ required: true })
    expect(recordNamed(prices).fields.map(({ name }) => name)).toContain('own.rival')
    expect(recordNamed(prices).fields.map(({ name }) => name)).not.toContain('customer_id')
    expect([recordLabel(fridges), fieldLabel(fridges, 'title'), fieldLabel(fridges, 'own.litres')]).toEqual([
      '冰柜', '编号', 'litres',
    ]) // prettier-ignore
    expect(deskPath(fridges, 'a')).toBe('/desk/tables/t1/a')
  })

  it('asks for its own rows alone, and for deleted ones when they are wanted', async () => {
    asked.length = 0
    await listRecords(fridges, { sort: 'title' })
    await listRecords(fridges, { deleted_at__empty: '0' })
    expect(asked).toEqual([
      ['/api/own-rows', { table_id: 't1', deleted_at__empty: '1', sort: 'title' }],
      ['/api/own-rows', { table_id: 't1', deleted_at__empty: '0' }],
    ])
  })

  it('is seen by the roles that it lets and that have the permission themselves', () => {
    const role = (id: string, permissions: Record<string, string>, is_administrator = false) => ({
      id, name: id, permissions, is_administrator,
    }) // prettier-ignore
    const roles = [
      role('boss', {}, true),
      role('sales', { 'own_row.view': 'own' }),
      role('store', { 'order.view': 'all' }),
    ]
    const told = (rights: OwnTable['rights']) => {
      const { see, lack } = seersOf({ place: 'customer', rights }, roles)
      return [see.map(({ id }) => id), lack.map(({ id }) => id)]
    }
    expect(told({ others: ['view'] })).toEqual([['boss', 'sales'], ['store']])
    expect(told({ others: ['view'], sales: [] })).toEqual([['boss'], ['store']])
    expect(told({ others: [], store: ['view'] })).toEqual([[], ['store']])
    // What belongs to nobody is written by those who reach everybody's rows.
    const writes = { ...roles[1]!, permissions: { 'own_row.create': 'own' } }
    expect(roleSuffices({ place: 'company', rights: null }, writes, 'create')).toBe(false)
    expect(roleSuffices({ place: 'customer', rights: null }, writes, 'create')).toBe(true)
    expect(roleSuffices({ place: 'company', rights: null }, roles[0]!, 'create')).toBe(true)
  })

  it('lets a role do what both the role and the table say', () => {
    const session = useSession()
    session.me = { id: 'x', employee: {}, role: { id: 'sales', name: '' }, device_id: null } as never
    const may = (permissions: object, record: string) => {
      session.me = { ...session.me!, permissions: permissions as never }
      return ['view', 'create', 'edit', 'delete', 'export'].filter((one) => session.can(`${record}.${one}`))
    }
    const own = { 'own_row.view': 'own', 'own_row.create': 'own', 'own_row.edit': 'own' }
    expect(may(own, fridges)).toEqual(['view', 'create', 'edit'])
    // What belongs to the whole company is written by who may write everybody's.
    expect(may(own, prices)).toEqual(['view'])
    expect(may({ ...own, 'own_row.edit': 'all' }, prices)).toEqual(['view', 'edit'])
    setTables([table('t1', { rights: { others: ['view', 'edit'], sales: ['view'] } })], 'sales')
    expect(may(own, fridges)).toEqual(['view'])
    setTables([table('t1', { rights: { others: ['view'], sales: [] } })], 'sales')
    expect([may(own, fridges), tables.value]).toEqual([[], []])
    setTables([table('t1', { state: 'deleted' })], 'sales')
    expect(fridges in declarations().records).toBe(false)
  })
})
