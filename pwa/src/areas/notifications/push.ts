/** Web push on this device: wanting it, and telling the server where it goes. */
import { ref } from 'vue'
import { request } from '@/api/client'
import { language } from '@/app/i18n'

/**
 * - `unknown`: not looked yet
 * - `unsupported`: the browser has none (or, on an iPhone, only for an installed app)
 * - `denied`: the person said no; only the browser's own settings can change that
 * - `off`, `on`
 */
export type PushState = 'unknown' | 'unsupported' | 'denied' | 'off' | 'on'

export const pushState = ref<PushState>('unknown')

const isPossible = (): boolean => 'serviceWorker' in navigator && 'PushManager' in window && 'Notification' in window

async function current(): Promise<PushSubscription | null> {
  const registration = await navigator.serviceWorker.getRegistration()
  return (await registration?.pushManager.getSubscription()) ?? null
}

export async function lookAtPush(): Promise<void> {
  if (!isPossible()) pushState.value = 'unsupported'
  else if (Notification.permission === 'denied') pushState.value = 'denied'
  else pushState.value = (await current().catch(() => null)) ? 'on' : 'off'
}

const sameKey = (subscription: PushSubscription, key: Uint8Array): boolean => {
  const used = subscription.options.applicationServerKey
  return used === null || new Uint8Array(used).toString() === key.toString()
}

/** The server's key as the browser wants it. */
export function keyBytes(text: string): Uint8Array<ArrayBuffer> {
  const padded = text.replaceAll('-', '+').replaceAll('_', '/') + '='.repeat((4 - (text.length % 4)) % 4)
  return Uint8Array.from(atob(padded), (c) => c.charCodeAt(0))
}

async function tell(subscription: PushSubscription): Promise<void> {
  const { endpoint, keys } = subscription.toJSON()
  await request('/api/push/subscription', {
    method: 'PUT',
    json: { endpoint, p256dh: keys?.p256dh, auth: keys?.auth, language: language.value },
  })
}

/** Asks the person, the browser and the server, in this order. Throws when the browser reaches no push service, or
 * ApiError. */
export async function switchOn(): Promise<void> {
  if ((await Notification.requestPermission()) !== 'granted') return lookAtPush()
  const registration = await navigator.serviceWorker.ready
  const key = keyBytes((await request<{ key: string }>('/api/push/key')).key)
  let subscription = await registration.pushManager.getSubscription()
  if (subscription && !sameKey(subscription, key)) {
    await subscription.unsubscribe()
    subscription = null
  }
  subscription ??= await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key })
  await tell(subscription)
  pushState.value = 'on'
}

export async function switchOff(): Promise<void> {
  await (await current())?.unsubscribe()
  pushState.value = 'off'
  await request('/api/push/subscription', { method: 'DELETE' })
}

/** At every start: the browser may have another address meanwhile, the server may have forgotten this one or have
 * another key, the language may be another. */
export async function renew(): Promise<void> {
  await lookAtPush()
  if (pushState.value === 'on') await switchOn()
}

/** After a logout nobody is told anything here, whether the server could be told or not. */
export async function forget(): Promise<void> {
  await (await current().catch(() => null))?.unsubscribe()
  pushState.value = 'off'
}
