/**
 * The same row has a screen on the phone and one at the desk. An address that was sent to a colleague opens the one that
 * fits his screen: desk routes name the phone's address in `meta.twin`, and that is followed in both directions.
 */
import type { RouteLocationNormalized } from 'vue-router'
import type { Layout } from './appearance'
import { deskAreas } from './areas'

const fill = (path: string, params: RouteLocationNormalized['params']) =>
  path.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(String(params[name] ?? '')))

/** The phone's path pattern → the desk's. */
const atDesk = new Map<string, string>(
  deskAreas.flatMap((area) =>
    area.routes.flatMap((route) => [
      ...(route.meta?.twin ? [[route.meta.twin, route.path] as const] : []),
      ...(route.children ?? []).flatMap((child) =>
        child.meta?.twin ? [[child.meta.twin, `${route.path}/${child.path}`] as const] : [],
      ),
    ]),
  ),
)

/** Where else this address should lead on such a screen, or null. Without network the desk's lists have nothing to
 * show; what this device holds is on the phone's screens. */
export function twinOf(to: RouteLocationNormalized, layout: Layout, online = navigator.onLine): string | null {
  const last = to.matched.at(-1)
  if (!last) return null
  if (layout === 'desk') {
    const path = online ? atDesk.get(last.path) : undefined
    return path ? fill(path, to.params) : null
  }
  return layout === 'phone' && last.meta.twin ? fill(last.meta.twin, to.params) : null
}
