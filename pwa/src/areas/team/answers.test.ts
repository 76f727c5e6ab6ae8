// @vitest-environment happy-dom
/** A manager opens his team's day in the lift: what was answered last is there, and says from when it is. */
import { createPinia } from 'pinia'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createApp, defineComponent, h, nextTick, type App } from 'vue'
import type { Engine } from '@/sync/engine'
import { provideEngine } from '@/sync/vue'
import { recordChanged } from '@/ui/table/changed'
import { useAnswer, type Answer } from './answers'

const kept = new Map<string, { value: unknown; at: number }>()
const engine = {
  keptAnswer: async (key: string) => kept.get(key),
  keepAnswer: async (key: string, value: unknown) => void kept.set(key, { value, at: Date.now() }),
} as unknown as Engine

let app: App
function ask(path: string, pages = 1): Answer<Record<string, unknown>> {
  let answer!: Answer<Record<string, unknown>>
  const Screen = defineComponent({
    setup() {
      answer = useAnswer(() => ({ path, pages, query: { limit: 2 } }), ['order'])
      return () => h('div')
    },
  })
  app = createApp(Screen).use(createPinia())
  provideEngine(app, engine)
  app.mount(document.createElement('div'))
  return answer
}
const settle = async () => {
  for (let turn = 0; turn < 12; turn += 1) await nextTick()
  await new Promise((resolve) => setTimeout(resolve, 0))
}
const fetched = vi.fn<typeof fetch>()
const says = (body: unknown, status = 200) =>
  new Response(JSON.stringify(body), { status, headers: { 'Content-Type': 'application/json' } })

beforeEach(() => {
  kept.clear()
  fetched.mockReset()
  vi.stubGlobal('fetch', fetched)
})
afterEach(() => {
  app.unmount()
  vi.unstubAllGlobals()
})

it('keeps what the server said', async () => {
  fetched.mockImplementation(async () => says({ visits: 4 }))
  const answer = ask('/api/team/today')
  await settle()
  expect(answer.data.value).toEqual({ visits: 4 })
  expect(kept.get('/api/team/today?limit=2')?.value).toEqual({ visits: 4 })
})

it('shows the kept answer without network, as old and with its time', async () => {
  kept.set('/api/team/today?limit=2', { value: { visits: 3 }, at: 1_000 })
  fetched.mockRejectedValue(new TypeError('Failed to fetch'))
  const answer = ask('/api/team/today')
  await settle()
  expect(answer.data.value).toEqual({ visits: 3 })
  expect(answer.stale.value).toBe(true)
  expect(answer.at.value).toBe(1_000)
})

it('does not show from memory what is not to be seen any more', async () => {
  kept.set('/api/team/li/day?limit=2', { value: { events: [] }, at: 1_000 })
  fetched.mockImplementation(async () => says({ code: 'not_found' }, 404))
  const answer = ask('/api/team/li/day')
  await settle()
  expect(answer.data.value).toBeNull()
  expect(answer.error.value).toMatchObject({ code: 'not_found' })
})

it('asks again when something it shows was written here', async () => {
  fetched.mockImplementation(async () => says({ waiting: fetched.mock.calls.length }))
  const answer = ask('/api/orders')
  await settle()
  recordChanged('order')
  recordChanged('customer')
  await settle()
  expect(answer.data.value).toEqual({ waiting: 2 })
})

it('puts the pages of a long list together', async () => {
  fetched
    .mockImplementationOnce(async () => says({ items: [1, 2], next: 'n' }))
    .mockImplementationOnce(async () => says({ items: [3], next: null }))
  const answer = ask('/api/visits', 5)
  await settle()
  expect(answer.data.value).toMatchObject({ items: [1, 2, 3], next: null })
  expect(String(fetched.mock.calls[1]?.[0])).toContain('after=n')
})
