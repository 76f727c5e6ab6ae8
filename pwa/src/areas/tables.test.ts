// @vitest-environment happy-dom
/** A whole type in memory follows what is stored, and does not read it all again for every page. */
import { createApp } from 'vue'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { Changes } from '@/sync/changes'
import { eventually, Phone } from '@/sync/testing/phone'
import { ModelServer } from '@/sync/testing/server'
import type { Row } from '@/sync/types'
import { provideEngine, submit } from '@/sync/vue'
import { useTable, type Table } from './tables'

const MANY = 700
let server: ModelServer
let phone: Phone

beforeEach(async () => {
  server = new ModelServer()
  phone = new Phone(server)
  for (let n = 0; n < MANY; n++) server.customer(`c${n}`, { name: `客户${n}`, mobile: '1' }, 'li')
  await phone.start()
  await phone.engine.loggedIn({ id: phone.employee, name: phone.employee })
  provideEngine(createApp({}), phone.engine)
})

afterEach(() => phone.engine.stop())

async function stored(): Promise<Map<string, Row>> {
  return new Map((await phone.engine.rows('customer')).map((row) => [row.id, row]))
}

async function isTheSame(table: Table): Promise<boolean> {
  const now = await stored()
  return now.size === table.value?.size && [...now].every(([id, row]) => equal(table.value!.get(id), row))
}
const equal = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b)

it('takes the rows of a page as they came, with what waits on this phone on top of them', async () => {
  const reads = vi.spyOn(phone.engine, 'rows')
  const table = useTable('customer')
  await eventually(() => table.value?.size === 0)
  expect(reads).toHaveBeenCalledTimes(1)
  await phone.engine.syncNow()
  await eventually(() => table.value?.size === MANY)
  expect(reads).toHaveBeenCalledTimes(1)

  await submit('customer.edit', { id: 'c3', set: { mobile: ['1', 'mine'] } })
  await eventually(() => table.value?.get('c3')?.['mobile'] === 'mine')
  server.desk(() => {
    for (let n = 0; n < MANY; n++)
      server.put('customer', `customer:c${n}`, { id: `c${n}`, name: `新${n}`, mobile: '2' })
  })
  server.desk(() => server.remove('customer', 'c5'))
  await phone.engine.syncNow()
  await eventually(() => table.value?.get('c4')?.['name'] === '新4' && !table.value.has('c5'))
  expect(reads).toHaveBeenCalledTimes(1)
  expect(await isTheSame(table)).toBe(true)
})

it('reads again what the change does not bring: many rows at once, or any row', async () => {
  const table = useTable('customer')
  await phone.engine.syncNow()
  await eventually(() => table.value?.size === MANY)
  server.desk(() => server.grant('li', 'customer:c7', false))
  await phone.engine.syncNow()
  await eventually(() => table.value?.size === MANY - 1)
  server.desk(() => {
    for (let n = 100; n < 200; n++) server.remove('customer', `c${n}`)
  })
  await phone.engine.syncNow()
  await eventually(() => table.value?.size === MANY - 101)
  expect(await isTheSame(table)).toBe(true)
})

it('knows a row only until somebody else says that it changed', () => {
  const changes = new Changes()
  changes.noteRows('customer', [
    { id: 'a', root: 'customer:a' },
    { id: 'b', root: 'customer:b' },
  ] as unknown as Row[])
  expect([...changes.get('customer')!]).toEqual(['a', 'b'])
  changes.note('customer', 'a')
  expect(changes.row('customer', 'a')).toBeUndefined()
  expect(changes.row('customer', 'b')).toBeDefined()
  changes.note('customer', null)
  expect(changes.row('customer', 'b')).toBeUndefined()
  changes.noteRows('customer', [{ id: 'c' }] as unknown as Row[])
  expect(changes.get('customer')).toBeNull()
  expect(changes.row('customer', 'c')).toBeUndefined()
})
