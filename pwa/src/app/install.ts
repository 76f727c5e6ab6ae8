/** Installing the app: Chromium offers an event, iOS only a way through the share sheet that has to be explained. */
import { ref, shallowRef } from 'vue'

interface InstallEvent extends Event {
  prompt(): Promise<{ outcome: 'accepted' | 'dismissed' }>
}

const offer = shallowRef<InstallEvent | null>(null)
const installedNow = ref(false)

addEventListener('beforeinstallprompt', (event) => {
  event.preventDefault()
  offer.value = event as InstallEvent
})
addEventListener('appinstalled', () => {
  installedNow.value = true
  offer.value = null
})

const standalone =
  matchMedia('(display-mode: standalone)').matches || (navigator as { standalone?: boolean }).standalone === true
const ios =
  /iPhone|iPad|iPod/.test(navigator.userAgent) || (navigator.platform === 'MacIntel' && navigator.maxTouchPoints > 1)

export type InstallState = 'installed' | 'offered' | 'ios' | 'none'

export function installState(): InstallState {
  if (standalone || installedNow.value) return 'installed'
  if (offer.value) return 'offered'
  return ios ? 'ios' : 'none'
}

/** Whether the user agreed. */
export async function install(): Promise<boolean> {
  const outcome = await offer.value?.prompt()
  if (outcome) offer.value = null // each offer can be used once
  return outcome?.outcome === 'accepted'
}
