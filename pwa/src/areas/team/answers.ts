/**
 * Answers of the server that are more than rows: what was answered last is kept on this device and shown at once, with
 * its time; the network then brings the present one. Without network the kept one stays, and the screen says from when
 * it is.
 */
import { onActivated, onScopeDispose, ref, shallowRef, watch, type Ref, type ShallowRef } from 'vue'
import { request, withQuery } from '@/api/client'
import { ApiError } from '@/api/problem'
import { useEngine } from '@/sync/vue'
import { onRecordChanged } from '@/ui/table/changed'

export interface Question {
  path: string
  query?: Record<string, string | number | null | undefined>
  /** For lists: this many pages are put together into one answer; what has come so far is shown meanwhile. */
  pages?: number
}

export interface Answer<T> {
  data: ShallowRef<T | null>
  /** When the server said so, in milliseconds since 1970. */
  at: Ref<number | null>
  /** What is shown could not be refreshed. */
  stale: Ref<boolean>
  loading: Ref<boolean>
  /** Why there is nothing to show, or why what is shown is old. */
  error: ShallowRef<unknown>
  reload(): Promise<void>
}

/** Milliseconds after which a screen that is looked at again, or looked at on and on, asks anew. */
const OLD = 45_000

interface Paged {
  items: unknown[]
  next: string | null
  refs?: Record<string, Record<string, string>>
}

/** `sofar` hears of every page but the last. */
async function ask<T>(address: string, pages: number, signal: AbortSignal, sofar: (part: T) => void): Promise<T> {
  const first = await request<T>(address, { signal })
  if (pages < 2) return first
  let whole = first as T & Paged
  for (let page = 1; page < pages && whole.next !== null; page += 1) {
    sofar(whole)
    const after = `${address.includes('?') ? '&' : '?'}after=${encodeURIComponent(whole.next)}`
    const more = await request<Paged>(`${address}${after}`, { signal })
    const refs = { ...whole.refs }
    for (const [name, titles] of Object.entries(more.refs ?? {})) refs[name] = { ...refs[name], ...titles }
    whole = { ...whole, items: [...whole.items, ...more.items], next: more.next, refs }
  }
  return whole
}

/** `records`: what, when written here, makes the answer old. Null as a question: nothing is asked yet. */
export function useAnswer<T>(question: () => Question | null, records: readonly string[] = []): Answer<T> {
  const engine = useEngine()
  const data = shallowRef<T | null>(null)
  const at = ref<number | null>(null)
  const stale = ref(false)
  const loading = ref(false)
  const error = shallowRef<unknown>(null)
  const address = (): string | null => {
    const asked = question()
    return asked && withQuery(asked.path, asked.query)
  }
  let shown: string | null = null
  let running: AbortController | null = null

  async function load(): Promise<void> {
    const key = address()
    running?.abort()
    if (key === null) return
    const mine = (running = new AbortController())
    loading.value = true
    if (key !== shown) {
      data.value = null
      at.value = null
      stale.value = false
      error.value = null
      shown = key
    }
    if (data.value === null) {
      const kept = await engine.keptAnswer<T>(key).catch(() => undefined)
      if (mine.signal.aborted) return
      if (kept && data.value === null) {
        data.value = kept.value
        at.value = kept.at
      }
    }
    try {
      // Over an answer that is there already, only the whole new one: rows must not vanish and come back.
      const begin = data.value === null
      const fresh = await ask<T>(key, question()?.pages ?? 1, mine.signal, (part) => {
        if (begin && !mine.signal.aborted) data.value = part
      })
      if (mine.signal.aborted) return
      data.value = fresh
      at.value = Date.now()
      stale.value = false
      error.value = null
      // Not being able to keep it must not keep anybody from seeing it.
      void engine.keepAnswer(key, fresh).catch((problem: unknown) => console.warn(problem))
    } catch (problem) {
      if (mine.signal.aborted) return
      // A row that is gone, or not for this person any more, is not shown from memory.
      if (problem instanceof ApiError && (problem.status === 404 || problem.status === 403)) data.value = null
      stale.value = data.value !== null
      error.value = problem
    } finally {
      if (running === mine) loading.value = false
    }
  }

  watch(address, () => void load(), { immediate: true })
  const refresh = () => {
    if (document.visibilityState !== 'visible') return
    if (stale.value || at.value === null || Date.now() - at.value > OLD) void load()
  }
  const timer = setInterval(refresh, OLD)
  const again = () => void load()
  const stop = onRecordChanged((record) => records.includes(record) && void load())
  addEventListener('online', again)
  document.addEventListener('visibilitychange', refresh)
  onActivated(refresh)
  onScopeDispose(() => {
    running?.abort()
    clearInterval(timer)
    stop()
    removeEventListener('online', again)
    document.removeEventListener('visibilitychange', refresh)
  })
  return { data, at, stale, loading, error, reload: load }
}
