// @vitest-environment happy-dom
/** A manager's map on the road: the team's customers while the company answers, his own without, in the same place. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { effectScope, nextTick, ref, shallowRef, type EffectScope } from 'vue'
import { syncStatus } from '@/app/status'
import type { MapView } from '../../team/map/points'
import type { Customer } from '../types'
import { useEitherMap } from './eitherMap'

const VIEW: MapView = { bounds: { south: 35, north: 37, west: 119, east: 122 }, zoom: 9 }
const shop = (id: string, lat: number, values: Partial<Customer> = {}) =>
  ({ id, name: id, geo_lat: lat, geo_lng: 120, ...values }) as Customer
const held = [
  shop('own', 36, { owner_id: 'me' }),
  shop('own and new', 36.5, { owner_id: 'me', sales_stage_id: 'new' }),
]
const whole = { placed: 40, unplaced: 2, south: 30, west: 110, north: 40, east: 122 }
const cell = { lat: 36.2, lng: 120, south: 36.1, west: 120, north: 36.3, east: 120 }
const company = {
  zoom: 9,
  cells: [
    { ...cell, count: 30, row: null },
    { ...cell, count: 1, row: { id: 'theirs', name: 'Of a colleague', last_visit_at: null } },
  ],
  whole,
}

const fetched = vi.fn<typeof fetch>()
const says = (body: unknown, status = 200) =>
  new Response(JSON.stringify(body), { status, headers: { 'Content-Type': 'application/json' } })
const asked = () => fetched.mock.calls.map(([address]) => new URL(String(address), 'http://x').searchParams)
const settle = async () => {
  for (let turn = 0; turn < 12; turn += 1) await nextTick()
  await new Promise((resolve) => setTimeout(resolve, 0))
}
const online = (now: boolean) => (syncStatus.value = { ...syncStatus.value, online: now })

let scope: EffectScope
const filters = ref<Record<string, string>>({})
const view = shallowRef<MapView | null>(null)
function map(wider = true) {
  scope = effectScope()
  return scope.run(() =>
    useEitherMap({
      wider: () => wider,
      filters: () => filters.value,
      held: () => held,
      view: () => view.value,
      me: 'me',
    }),
  )!
}

beforeEach(() => {
  fetched.mockReset()
  fetched.mockImplementation(async () => says(company))
  vi.stubGlobal('fetch', fetched)
  filters.value = {}
  view.value = null
  online(true)
})
afterEach(() => {
  scope.stop()
  vi.unstubAllGlobals()
})

it('waits for the company before it shows anything, and then shows what it says', async () => {
  const { shown, source } = map()
  expect(shown.value).toBeNull()
  await settle()
  expect(source.value).toBe('company')
  expect(shown.value).toMatchObject({ placed: 40, unplaced: 2, extent: { south: 30, east: 122 } })
  expect(shown.value!.cells.map(({ id, name, mark }) => [id, name, mark]).at(1)).toEqual([
    'theirs',
    'Of a colleague',
    'never',
  ])
})

it('goes over to what the device holds and back, in the same place with the same filters', async () => {
  const { shown, source } = map()
  view.value = VIEW
  filters.value = { sales_stage_id: 'new' }
  await settle()
  expect(source.value).toBe('company')
  online(false)
  expect(source.value).toBe('device')
  expect(shown.value).toMatchObject({ placed: 1, unplaced: 0 })
  expect(shown.value!.cells.map((one) => one.name)).toEqual(['own and new'])
  const before = fetched.mock.calls.length
  view.value = { ...VIEW, zoom: 10 }
  await settle()
  expect(fetched.mock.calls.length).toBe(before) // nobody is asked without a network
  online(true)
  expect(source.value).toBe('device') // not what the company said before
  await settle()
  expect(source.value).toBe('company')
  const last = asked().at(-1)!
  expect([last.get('sales_stage_id'), last.get('enabled'), last.get('zoom')]).toEqual(['new', '1', '10'])
  expect(Number(last.get('geo_lat__ge'))).toBeLessThanOrEqual(35)
})

it('shows what the device holds where the company does not answer, and why', async () => {
  fetched.mockRejectedValue(new TypeError('Failed to fetch'))
  const { shown, source, error, reload } = map()
  await settle()
  expect(source.value).toBe('device')
  expect(shown.value).toMatchObject({ placed: 2 })
  expect(error.value).toMatchObject({ code: 'offline' })
  fetched.mockImplementation(async () => says(company))
  await reload()
  expect(source.value).toBe('company')
})

it('asks nobody for whoever holds all that he may see', async () => {
  const { shown, source } = map(false)
  expect(shown.value).toMatchObject({ placed: 2 })
  await settle()
  expect(source.value).toBe('device')
  expect(fetched).not.toHaveBeenCalled()
})
