import { expect, it, vi } from 'vitest'
import type { RouteLocationNormalized } from 'vue-router'
import { twinOf } from './twins'

vi.mock('./areas', () => ({
  deskAreas: [
    {
      name: 'orders',
      routes: [
        { path: '/desk/orders/new', meta: { twin: '/orders/new' } },
        {
          path: '/desk/orders',
          meta: { twin: '/orders' },
          children: [{ path: ':id', meta: { twin: '/orders/:id' } }, { path: 'new' }],
        },
        { path: '/desk/lists' },
      ],
    },
  ],
}))

const at = (path: string, params: Record<string, string> = {}, twin?: string) =>
  ({ matched: [{ path: '/' }, { path, meta: { twin } }], params }) as unknown as RouteLocationNormalized

it("the desk opens a phone's address on its own screen", () => {
  expect(twinOf(at('/orders'), 'desk', true)).toBe('/desk/orders')
  expect(twinOf(at('/orders/:id', { id: 'o 1/2' }), 'desk', true)).toBe('/desk/orders/o%201%2F2')
  expect(twinOf(at('/orders/new'), 'desk', true)).toBe('/desk/orders/new')
  expect(twinOf(at('/today'), 'desk', true)).toBeNull()
})

it("without network the desk stays on the phone's screens, which show what the device holds", () => {
  expect(twinOf(at('/orders/:id', { id: 'o1' }), 'desk', false)).toBeNull()
})

it("a phone opens a desk's address on its own screen, also without network", () => {
  expect(twinOf(at('/desk/orders/:id', { id: 'o1' }, '/orders/:id'), 'phone', false)).toBe('/orders/o1')
  expect(twinOf(at('/desk/lists'), 'phone', true)).toBeNull()
})

it('a tablet shows either, and an address that leads nowhere has no twin', () => {
  expect(twinOf(at('/desk/orders/:id', { id: 'o1' }, '/orders/:id'), 'tablet', true)).toBeNull()
  expect(twinOf(at('/orders'), 'tablet', true)).toBeNull()
  expect(twinOf({ matched: [], params: {} } as unknown as RouteLocationNormalized, 'desk', true)).toBeNull()
})
