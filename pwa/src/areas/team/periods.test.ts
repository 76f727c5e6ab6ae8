// @vitest-environment happy-dom
/** The photos, and how far they can be believed, are looked at for the same periods: one screen leads to the other. */
import { createPinia } from 'pinia'
import { Quasar } from 'quasar'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createApp, nextTick, type App, type Component } from 'vue'
import { createMemoryHistory, createRouter } from 'vue-router'
import { i18n, loadArea, setLanguage } from '@/app/i18n'
import type { Engine } from '@/sync/engine'
import { provideEngine } from '@/sync/vue'
import { setTimeZone } from '@/ui/format'
import { LOOK_BACK } from './periods'
import PhotoWall from './photos/PhotoWall.vue'
import TrustByPerson from './trust/TrustByPerson.vue'

const engine = {
  keptAnswer: async () => undefined,
  keepAnswer: async () => undefined,
  onChanges: () => () => undefined,
  rows: async () => [],
  status: { value: { complete: true } },
} as unknown as Engine

const asked: URL[] = []
let app: App
/** Opens a screen at an address; answers the words of the periods it offers. */
async function open(screen: Component, address: string): Promise<string[]> {
  const router = createRouter({
    history: createMemoryHistory(),
    routes: [{ path: '/:rest(.*)*', component: screen }],
  })
  await router.push(address)
  app = createApp(screen).use(createPinia()).use(router).use(i18n).use(Quasar)
  provideEngine(app, engine)
  const root = document.createElement('div')
  app.mount(root)
  for (let turn = 0; turn < 12; turn += 1) await nextTick()
  await new Promise((resolve) => setTimeout(resolve, 0))
  const group = root.querySelector(`[role=group][aria-label="${i18n.global.t('team.period')}"]`)
  return [...(group?.querySelectorAll('button') ?? [])].map((button) => button.textContent!.trim())
}
const lastAsked = () => {
  const { searchParams } = asked.at(-1)!
  return [searchParams.get('since'), searchParams.get('until')]
}

beforeEach(async () => {
  const orientation = Object.assign(new EventTarget(), { type: 'portrait-primary', angle: 0 })
  Object.defineProperty(screen, 'orientation', { value: orientation, configurable: true }) // Quasar asks for it
  setTimeZone('Asia/Shanghai')
  // Half an hour after midnight in Shanghai; in UTC it is still the day before.
  vi.useFakeTimers({ now: new Date('2026-11-20T16:30:00Z'), toFake: ['Date'] })
  vi.stubGlobal('fetch', async (input: string) => {
    asked.push(new URL(input, 'http://xunke.test'))
    const body = input.includes('by-person') ? [] : { columns: [], items: [], refs: {}, next: null, total: 0 }
    return new Response(JSON.stringify(body), { headers: { 'Content-Type': 'application/json' } })
  })
  await setLanguage('zh-CN')
  await loadArea('team')
})
afterEach(() => {
  app.unmount()
  vi.useRealTimers()
  vi.unstubAllGlobals()
  setTimeZone(undefined)
})

it('offers the same periods on both screens; the wall begins with a single day', async () => {
  const wall = await open(PhotoWall, '/review/photos')
  app.unmount()
  const trust = await open(TrustByPerson, '/review/trust')
  expect(trust).toHaveLength(LOOK_BACK.length)
  expect(wall.slice(1)).toEqual(trust)
})

it.each(LOOK_BACK)('asks for the same business days on both, over %s days', async (days) => {
  await open(PhotoWall, `/review/photos?days=${days}`)
  const wall = lastAsked()
  app.unmount()
  await open(TrustByPerson, `/review/trust?days=${days}`)
  expect(lastAsked()).toEqual(wall)
  const first = { 7: '2026-11-15', 30: '2026-10-23', 90: '2026-08-24' }[days]
  expect(wall).toEqual([first, '2026-11-21'])
})
