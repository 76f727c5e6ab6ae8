// @vitest-environment happy-dom
import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, expect, it, vi } from 'vitest'
import { layoutChoice } from './appearance'
import { router } from './router'
import { useSession, type Me } from './session'

const person = (permissions: Me['permissions']): Me => ({
  id: 'e1',
  employee: { id: 'e1', real_name: '李经理', username: 'li', department_id: null },
  role: { id: 'r1', name: '' },
  permissions,
  device_id: 'd1',
})
const manager = person({ 'order.approve': 'subordinates' })
const rep = person({ 'order.create': 'own' })

/** Opens the app's address as the first thing after a start, when nobody knows yet who it is. */
async function start(me: Me | null): Promise<string> {
  const session = useSession()
  vi.spyOn(session, 'restore').mockImplementation(async () => {
    session.state = me ? 'in' : 'out'
    session.me = me
  })
  await router.replace('/start').catch(() => undefined)
  session.state = 'unknown'
  session.me = null
  await router.replace('/')
  return router.currentRoute.value.fullPath
}

beforeEach(() => {
  setActivePinia(createPinia())
  Object.defineProperty(window, 'innerWidth', { value: 1440, configurable: true })
  window.dispatchEvent(new Event('resize'))
  layoutChoice.value = 'auto'
})

it.each([
  ['desk', manager, '/desk'],
  ['desk', rep, '/desk'],
  ['tablet', manager, '/today'],
  ['tablet', rep, '/today'],
] as const)('at the %s a person begins with the start page', async (layout, me, path) => {
  layoutChoice.value = layout
  expect(await start(me)).toBe(path)
})

it('who signs in first is led on from there, not to a page chosen before it was known who it is', async () => {
  expect(await start(null)).toBe('/login')
})
