// @vitest-environment happy-dom
import { mount } from '@vue/test-utils'
import { afterEach, expect, it } from 'vitest'
import { defineComponent, h } from 'vue'

/** What the phone's receiver reports to whoever watches it. */
let report: PositionCallback = () => undefined
Object.defineProperty(navigator, 'geolocation', {
  value: {
    watchPosition: (success: PositionCallback) => ((report = success), 1),
    clearWatch: () => undefined,
    getCurrentPosition: () => undefined,
  },
})
const { endVisit, useVisitPosition } = await import('./live')
type Position = ReturnType<typeof useVisitPosition>

function open(customer?: string): Position & { leave: () => void } {
  let position!: Position
  const screen = mount(
    defineComponent(() => {
      position = useVisitPosition(customer)
      return () => h('p')
    }),
  )
  return { ...position, leave: () => screen.unmount() }
}
let seconds = 0
const fix = (accuracy: number) =>
  report({
    coords: { latitude: 36.0671, longitude: 120.3826, accuracy },
    timestamp: Date.now() - 30_000 + ++seconds * 1_000,
  } as GeolocationPosition)
afterEach(endVisit)

it('the place is measured from the door on, through all screens of a visit', () => {
  const door = open('customer-1')
  fix(8)
  door.leave()
  const camera = open()
  expect(camera.sampler.samples()).toHaveLength(1)
  camera.leave()
  expect(open('customer-1').reading.value.best?.accuracy).toBe(8)
})

it('at the door of the next customer nothing is known yet, also where the last visit was not ended', () => {
  open('customer-1').leave()
  fix(4)
  const next = open('customer-2')
  expect(next.sampler.samples()).toEqual([])
  expect(next.reading.value).toEqual({ state: 'searching', best: null })
})

it('a second visit of one customer begins anew', () => {
  open('customer-1').leave()
  fix(4)
  endVisit()
  expect(open('customer-1').reading.value.best).toBeNull()
})
