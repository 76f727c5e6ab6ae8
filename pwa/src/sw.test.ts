/** What happens when a pushed notification is tapped: the right page, in the window that is there or in a new one. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest'

vi.mock('workbox-precaching', () => ({
  PrecacheController: class {
    addToCacheList = () => undefined
    createHandlerBoundToURL = () => () => undefined
  },
  PrecacheRoute: Object,
  cleanupOutdatedCaches: () => undefined,
}))
vi.mock('workbox-routing', () => ({ NavigationRoute: Object, registerRoute: () => undefined }))

interface Window {
  visibilityState: string
  focus: () => Promise<unknown>
  postMessage: (message: unknown) => void
}

let listeners: Map<string, (event: unknown) => void>
let windows: Window[]
let done: string[]

const page = (visibilityState = 'hidden'): Window => ({
  visibilityState,
  focus: async () => void done.push('focus'),
  postMessage: (message) => void done.push(JSON.stringify(message)),
})

/** Taps a notification as the browser does; resolves when what the worker asked it to wait for is over. */
async function tap(data: unknown): Promise<void> {
  const waits: Promise<unknown>[] = []
  listeners.get('notificationclick')!({
    notification: { data, close: () => void done.push('close') },
    waitUntil: (work: Promise<unknown>) => waits.push(work),
  })
  expect(waits).toHaveLength(1) // else the browser may end the worker before the page is there
  await Promise.all(waits)
}

beforeEach(async () => {
  listeners = new Map()
  windows = []
  done = []
  vi.stubGlobal('self', {
    __WB_MANIFEST: [],
    addEventListener: (type: string, listen: (event: unknown) => void) => void listeners.set(type, listen),
    clients: {
      matchAll: async ({ type }: { type: string }) => (type === 'window' ? windows : []),
      openWindow: async (path: string) => void done.push(`open ${path}`),
    },
  })
  vi.resetModules()
  await import('./sw')
})
afterEach(() => vi.unstubAllGlobals())

it('opens the app at the notification where no window is open', async () => {
  await tap({ id: '0190f2c4-0000-7000-8000-00000000000a' })
  expect(done).toEqual(['close', 'open /inbox/0190f2c4-0000-7000-8000-00000000000a'])
})

it('brings an open window to the front and leads it there, without loading the app anew', async () => {
  windows = [page(), page()]
  await tap({ id: '0190f2c4-0000-7000-8000-00000000000a' })
  expect(done).toEqual(['close', 'focus', '{"type":"OPEN","path":"/inbox/0190f2c4-0000-7000-8000-00000000000a"}'])
})

it.each([[{}], [null]])('leads from a digest to the inbox (%j)', async (data) => {
  await tap(data)
  windows = [page('visible')]
  await tap(data)
  expect(done).toEqual(['close', 'open /inbox', 'close', 'focus', '{"type":"OPEN","path":"/inbox"}'])
})

it('never leads out of the inbox, whatever the id says', async () => {
  await tap({ id: '../login?x=1#y' })
  expect(done.at(-1)).toBe('open /inbox/..%2Flogin%3Fx%3D1%23y')
})
