/** How many mails of one's latest mailings are in which state, asked again and again while it is looked at. */
import { onActivated, onDeactivated, onMounted, onUnmounted, shallowRef } from 'vue'
import { request } from '@/api/client'
import { recordChanged } from '@/ui/table/changed'

type Counts = Record<string, Record<string, number>>
const EVERY = 4_000
const waiting = (all: Counts): number => Object.values(all).reduce((sum, one) => sum + (one.waiting ?? 0), 0)

export function useProgress() {
  const counts = shallowRef<Counts>({})
  let timer: ReturnType<typeof setInterval> | undefined
  async function look() {
    const before = counts.value
    const now = await request<Counts>('/api/mailings/progress').catch(() => before)
    counts.value = now
    // A mailing that has ended says so in the list.
    if (waiting(before) && !waiting(now)) recordChanged('mail_batch', null)
  }
  const stop = () => clearInterval(timer)
  const start = () => {
    stop()
    void look()
    timer = setInterval(() => document.visibilityState === 'visible' && void look(), EVERY)
  }
  onMounted(start)
  onActivated(start)
  onDeactivated(stop)
  onUnmounted(stop)
  return { counts, look }
}
