/// <reference lib="webworker" />
/**
 * The service worker: the whole app offline, lazy chunks included.
 *
 * It never touches records: what is on this device comes from IndexedDB, what is not comes from the network and fails
 * honestly. Only the small pictures of photos are kept, at most `MOST_PICTURES`; a photo's bytes never change. They leave
 * when the sync engine says so.
 */
import { cleanupOutdatedCaches, PrecacheController, PrecacheRoute } from 'workbox-precaching'
import { NavigationRoute, registerRoute } from 'workbox-routing'
import { fillFromPack, PACK } from './pack'
import { PICTURES, pictureAt } from './sync/pictures'

declare const self: ServiceWorkerGlobalScope & { __WB_MANIFEST: unknown }

const MOST_PICTURES = 800

const MANIFEST = self.__WB_MANIFEST as Array<{ url: string; revision: string | null }>
const app = new PrecacheController()
app.addToCacheList(MANIFEST)

/** Most of the app comes in one piece; what is not there then, in the way of the library, one file after the other. */
async function install(event: ExtendableEvent): Promise<void> {
  const { cacheName } = app.strategy
  const address = ({ url }: { url: string }) => new URL(url, location.href).href
  const hashed = MANIFEST.filter(({ revision }) => revision === null)
  const there = await fillFromPack(await caches.open(cacheName), hashed.map(address), address({ url: PACK }))
  const rest = new PrecacheController({ cacheName })
  rest.addToCacheList(MANIFEST.filter((file) => file.revision !== null || !there.has(address(file))))
  await rest.install(event)
}

self.addEventListener('install', (event) => event.waitUntil(install(event)))
self.addEventListener('activate', (event) => event.waitUntil(app.activate(event)))
registerRoute(new PrecacheRoute(app))
cleanupOutdatedCaches()
/**
 * The page is kept with the content security policy it came with, but which host pictures of the map may come from is
 * the company's choice and changes without a new version of the app: the policy is asked for anew at every start, and
 * the page gets the one that was heard last.
 */
const POLICY = 'policy-v1'
const HEADER = 'content-security-policy'
const page = app.createHandlerBoundToURL('index.html')

async function hearPolicy(): Promise<void> {
  const answer = await fetch('/', { cache: 'no-store' })
  const policy = answer.ok ? answer.headers.get(HEADER) : null
  if (policy) await (await caches.open(POLICY)).put('/', new Response(policy))
}

registerRoute(
  new NavigationRoute(
    async (options) => {
      const kept = await page(options)
      const heard = await (await caches.open(POLICY)).match('/')
      options.event.waitUntil(hearPolicy().catch(() => undefined)) // without network the one heard last stays
      if (!heard) return kept
      const headers = new Headers(kept.headers)
      headers.set(HEADER, await heard.text())
      return new Response(kept.body, { status: kept.status, headers })
    },
    { denylist: [/^\/(?:api|sync|media|docs|schema)\//] },
  ),
)

registerRoute(
  ({ url, request, sameOrigin }) => sameOrigin && request.method === 'GET' && pictureAt(url) !== null,
  async ({ request }) => {
    const pictures = await caches.open(PICTURES)
    const kept = await pictures.match(request)
    if (kept) return kept
    const answer = await fetch(request)
    if (answer.ok) {
      await pictures.put(request, answer.clone())
      void shorten(pictures)
    }
    return answer
  },
)

/** Drops the oldest pictures; `keys` answers in the order they were put in. */
async function shorten(pictures: Cache): Promise<void> {
  const keys = await pictures.keys()
  await Promise.all(keys.slice(0, Math.max(0, keys.length - MOST_PICTURES)).map((key) => pictures.delete(key)))
}

self.addEventListener('message', (event: ExtendableMessageEvent) => {
  const type = (event.data as { type?: string } | null)?.type
  if (type === 'SKIP_WAITING') void self.skipWaiting()
})
/**
 * What the server pushes says only what kind of thing it is; what it says stands in the inbox. A page that is being
 * looked at shows it itself. Safari takes the permission away from who shows nothing, so there it comes and goes.
 */
interface Pushed {
  title: string
  body: string
  id?: string
}
const MUST_SHOW = /^((?!chrome|android|firefox).)*safari/i.test(navigator.userAgent)

async function showPushed(told: Pushed): Promise<void> {
  const pages = await self.clients.matchAll({ type: 'window' })
  const seen = pages.some((one) => one.visibilityState === 'visible')
  if (seen && !MUST_SHOW) return
  const tag = told.id ?? 'digest'
  await self.registration.showNotification(told.title, {
    body: told.body,
    tag,
    icon: '/icons/icon-192.png',
    badge: '/icons/icon-192.png',
    silent: seen,
    data: { id: told.id },
  })
  if (!seen) return
  for (const one of await self.registration.getNotifications({ tag })) one.close()
}

async function openPushed(id: string | undefined): Promise<void> {
  const path = id ? `/inbox/${encodeURIComponent(id)}` : '/inbox'
  const [page] = await self.clients.matchAll({ type: 'window' })
  if (!page) {
    await self.clients.openWindow(path)
    return
  }
  await page.focus()
  page.postMessage({ type: 'OPEN', path })
}

self.addEventListener('push', (event) => {
  const told = event.data?.json() as Pushed | undefined
  if (told) event.waitUntil(showPushed(told))
})
self.addEventListener('notificationclick', (event) => {
  event.notification.close()
  event.waitUntil(openPushed((event.notification.data as { id?: string } | null)?.id))
})
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()))
