// @vitest-environment happy-dom
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { connectSession, useSession, type Me } from './session'

const me: Me = {
  id: 'e1',
  employee: { id: 'e1', real_name: '张建国', username: 'zhang', department_id: null },
  role: { id: 'r1', name: '业务员' },
  permissions: { 'customer.view': 'own', 'order.approve': 'department' },
  device_id: 'd1',
}
const hooks = {
  remembered: vi.fn(async (): Promise<Me | null> => me),
  device: vi.fn(async () => ({ id: 'd1', name: 'test', public_key: 'k' })),
  loggedIn: vi.fn(async () => undefined),
  loggedOut: vi.fn(async () => undefined),
}
const fetched = vi.fn<typeof fetch>()
const json = (status: number, body: unknown) =>
  new Response(JSON.stringify(body), { status, headers: { 'Content-Type': 'application/json' } })

beforeEach(() => {
  vi.stubGlobal('fetch', fetched)
  localStorage.clear()
  setActivePinia(createPinia())
  connectSession(hooks)
})
afterEach(() => {
  vi.unstubAllGlobals()
  vi.clearAllMocks()
})

it('logs in with the device, tells the sync, and knows what the person may do', async () => {
  fetched.mockResolvedValue(json(200, me))
  const session = useSession()
  await session.login({ username: 'zhang', password: 'x' })
  expect(JSON.parse(String(fetched.mock.calls[0]![1]!.body))).toMatchObject({
    username: 'zhang',
    device: { id: 'd1' },
  })
  expect(hooks.loggedIn).toHaveBeenCalledWith(me)
  expect(session.can('order.approve')).toBe(true)
  expect(session.can('customer.delete')).toBe(false)
  expect(session.leads).toBe(true)
})

it('a wrong password leaves nobody logged in', async () => {
  fetched.mockResolvedValue(json(401, { code: 'login_failed' }))
  const session = useSession()
  await expect(session.login({ username: 'zhang', password: 'no' })).rejects.toMatchObject({ code: 'login_failed' })
  expect(session.state).toBe('unknown')
  expect(hooks.loggedIn).not.toHaveBeenCalled()
})

it('starts without network once somebody has logged in here', async () => {
  localStorage.setItem('xunke.session', 'in')
  fetched.mockRejectedValue(new TypeError('Failed to fetch'))
  const session = useSession()
  await session.restore()
  expect(session.state).toBe('in')
  expect(session.name).toBe('张建国')
})

it('an ended session keeps the person and asks for the password', async () => {
  localStorage.setItem('xunke.session', 'in')
  fetched.mockResolvedValue(json(401, { code: 'session_expired' }))
  const session = useSession()
  await session.restore()
  await vi.waitFor(() => expect(session.state).toBe('expired'))
  expect(session.me?.id).toBe('e1')
  expect(hooks.loggedOut).not.toHaveBeenCalled()
})

it('logging out works although the server cannot be told, and is remembered', async () => {
  localStorage.setItem('xunke.session', 'in')
  fetched.mockRejectedValue(new TypeError('Failed to fetch'))
  const session = useSession()
  await session.restore()
  await session.logout()
  expect(hooks.loggedOut).toHaveBeenCalled()
  setActivePinia(createPinia())
  // Back online the cookie would still open the door: the server is told first, and nobody is let in by it.
  fetched.mockReset()
  fetched.mockResolvedValue(new Response(null, { status: 204 }))
  const next = useSession()
  await next.restore()
  expect(next.state).toBe('out')
  await vi.waitFor(() => expect(localStorage.getItem('xunke.session')).toBe('out'))
  expect(fetched.mock.calls.map(([path]) => path)).toEqual(['/api/logout'])
})

it('shows the rail what is for this person, and his own reports only where he reads no others', async () => {
  const entry = {
    path: '/worklogs',
    icon: '',
    label: '',
    permission: 'worklog.view',
    unlessForOthers: 'worklog.comment',
  }
  const sees = async (permissions: Me['permissions']) => {
    setActivePinia(createPinia())
    fetched.mockResolvedValue(json(200, { ...me, permissions }))
    const session = useSession()
    await session.login({ username: 'zhang', password: 'x' })
    return session.sees(entry)
  }
  expect(await sees({})).toBe(false)
  expect(await sees({ 'worklog.view': 'own' })).toBe(true)
  expect(await sees({ 'worklog.view': 'own', 'worklog.comment': 'own' })).toBe(true)
  expect(await sees({ 'worklog.view': 'subordinates', 'worklog.comment': 'subordinates' })).toBe(false)
})

it('takes what the sync brings of one’s rights at once, and nothing of somebody else', async () => {
  setActivePinia(createPinia())
  fetched.mockResolvedValue(json(200, me))
  const session = useSession()
  await session.login({ username: 'zhang', password: 'x' })
  session.adopt({ ...me, permissions: { 'customer.view': 'all' }, field_rights: { phone: 'masked' } })
  expect(session.scope('customer.view')).toBe('all')
  expect(session.me?.field_rights).toEqual({ phone: 'masked' })
  session.adopt({ ...me, id: 'e2' })
  expect(session.me?.id).toBe('e1')
})
