/**
 * New versions of the app. The service worker fetches one in the background; it takes over when the user says so, and
 * never over a half-filled form.
 */
import { ref, watch } from 'vue'
import { anyDirty } from './dirty'

export const updateReady = ref(false)
/** The user has agreed; it happens as soon as no form is half filled. */
export const updateWanted = ref(false)

let reload: (() => Promise<void>) | null = null

/** How often a page that stays open asks for a new version (milliseconds). */
const ASK_EVERY = 60 * 60_000

/** How long a first start is left to itself (milliseconds): what is wanted now comes before what is kept for later. */
const FIRST_START = 1200

export async function watchForUpdates(): Promise<void> {
  if (!('serviceWorker' in navigator)) return
  if (!navigator.serviceWorker.controller) await new Promise((resolve) => setTimeout(resolve, FIRST_START))
  const { registerSW } = await import('virtual:pwa-register')
  const update = registerSW({
    onNeedRefresh: () => (updateReady.value = true),
    onRegisteredSW: (_url, registration) => {
      if (!registration) return
      const ask = () => {
        if (navigator.onLine && document.visibilityState === 'visible') registration.update().catch(() => undefined)
      }
      setInterval(ask, ASK_EVERY)
      document.addEventListener('visibilitychange', ask)
    },
    onRegisterError: (error: unknown) => console.warn(error),
  })
  reload = () => update(true)
}

watch([updateWanted, anyDirty], ([wanted, dirty]) => {
  if (wanted && !dirty) void reload?.()
})
