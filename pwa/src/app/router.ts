import { createRouter, createWebHistory, type RouteRecordRaw } from 'vue-router'
import { areas, deskAreas } from './areas'
import { i18n, loadArea } from './i18n'
import { layout } from './appearance'
import { defaultTabPaths } from './navigation'
import { useSession } from './session'
import { twinOf } from './twins'
import { otherDeskRoutes } from '@/ui/record/paths'

function owned(area: string, routes: RouteRecordRaw[]): RouteRecordRaw[] {
  return routes.map(
    (route) =>
      ({
        ...route,
        meta: { area, ...route.meta },
        children: route.children ? owned(area, route.children) : undefined,
      }) as RouteRecordRaw,
  )
}

/** Where everybody begins; the desk's address of it is the same page. */
const home = (): string => (layout.value === 'desk' ? '/desk' : defaultTabPaths.today)

const desk = deskAreas.flatMap((area) => owned(area.name, area.routes))

export const router = createRouter({
  history: createWebHistory(),
  routes: [
    { path: '/', component: { render: () => null } },
    {
      path: '/login',
      component: () => import('./pages/LoginPage.vue'),
      meta: { bare: true, open: true, title: 'login.title' },
    },
    ...areas.flatMap((area) => owned(area.name, area.routes)),
    ...desk,
    ...owned('desk', otherDeskRoutes(desk)),
    { path: '/:rest(.*)*', component: () => import('./pages/NotFoundPage.vue'), meta: { title: 'page.not_found' } },
  ],
})

router.beforeEach(async (to) => {
  const session = useSession()
  if (session.state === 'unknown') await session.restore()
  if (!to.meta.open && session.state === 'out') {
    return { path: '/login', query: to.path === '/' ? {} : { to: to.fullPath } }
  }
  if (to.path === '/login' && session.state === 'in') return '/'
  if (to.path === '/') return { path: home(), replace: true }
  const twin = twinOf(to, layout.value)
  if (twin) return { path: twin, query: to.query, replace: true }
  await Promise.all(
    [...new Set(to.matched.map((record) => record.meta.area).filter((area) => area !== undefined))].map((area) =>
      // Words that cannot be loaded must not keep anybody from the screen.
      loadArea(area).catch((error: unknown) => console.warn(error)),
    ),
  )
  return true
})

router.afterEach((to) => {
  const { t } = i18n.global
  const title = to.meta.title ? t(to.meta.title) : ''
  document.title = title ? `${title} · ${t('app.name')}` : t('app.name')
})
