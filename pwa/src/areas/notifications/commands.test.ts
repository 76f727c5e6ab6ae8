/** The inbox without a network: what a tap does on the phone before anybody was told. */
import 'fake-indexeddb/auto'
import { beforeEach, expect, it } from 'vitest'
import { appReducers } from '@/sync/reducers'
import { ModelServer } from '@/sync/testing/server'
import { Phone } from '@/sync/testing/phone'
import type { Engine } from '@/sync/engine'
import type { Declarations } from '@/sync/types'
import declared from '../../generated/declarations.json'
import './commands'

let engine: Engine
beforeEach(async () => {
  const phone = new Phone(new ModelServer(), 'li', declared as unknown as Declarations)
  engine = await phone.start({ reducers: appReducers })
  await engine.loggedIn({ id: 'li' })
})

it('is one switch for each kind, however often it is turned', async () => {
  await engine.submit('notification.choose', { id: engine.newId(), kind: 'customer.birthday', push: false })
  await engine.submit('notification.choose', { id: engine.newId(), kind: 'customer.birthday', push: true })
  await engine.submit('notification.choose', { id: engine.newId(), kind: 'visit.suspect', push: false })
  const rows = await engine.rows('notification_choice')
  expect(rows.map((row) => [row.kind, row.push]).sort()).toEqual([
    ['customer.birthday', true],
    ['visit.suspect', false],
  ])
})

it('reads what is there, and what is gone does not matter', async () => {
  await engine.submit('notification.read', { ids: ['gone'] })
  expect(await engine.rows('notification')).toEqual([])
  expect((await engine.needsYou()).length).toBe(0)
})
