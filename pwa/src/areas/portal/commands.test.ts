/** What arranging does on the device before the company has answered: at once, without network, and one row a person. */
import 'fake-indexeddb/auto'
import { expect, it } from 'vitest'
import { appReducers } from '@/sync/reducers'
import { Phone } from '@/sync/testing/phone'
import { ModelServer } from '@/sync/testing/server'
import type { Declarations } from '@/sync/types'
import declared from '../../generated/declarations.json'
import './commands'

it('an arrangement is there at once, replaced by the next and taken back by none', async () => {
  const phone = new Phone(new ModelServer(), 'li', declared as unknown as Declarations)
  const engine = await phone.start({ reducers: appReducers })
  await engine.loggedIn({ id: 'li' })
  const pages = () => engine.rows('start_page', { index: 'employee_id', value: 'li' })
  const set = (parts: unknown) => engine.submit('start_page.set', { id: engine.newId(), parts })
  expect(await pages()).toEqual([])
  await set([{ part: 'followups.due' }, { part: 'portal.todo', shown: false }])
  const [first] = await pages()
  expect(first?.parts).toEqual([{ part: 'followups.due' }, { part: 'portal.todo', shown: false }])
  await set([{ part: 'portal.todo' }])
  await set(null)
  expect(await pages()).toMatchObject([{ id: first!.id, parts: null }])
  engine.stop()
})
