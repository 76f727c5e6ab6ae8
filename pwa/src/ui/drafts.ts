/** Half-filled forms come back as they were: written a moment after each change, dropped when the form is done. */
import { onScopeDispose, watch, type Ref } from 'vue'
import { drafts } from '@/app/draftStore'

/** Milliseconds between the last key and the write. */
const PAUSE = 400

/** `at`: milliseconds since 1970. */
interface Kept {
  at: number
  value: unknown
}

export interface DraftHandle {
  /** What was kept under this key. */
  restored: Promise<Kept | undefined>
  /** It is done, whatever still stands on the form: nothing is kept until something is changed. */
  drop(): Promise<void>
}

/** Keeps `value` under `key` while `changed` says there is something to lose. */
export function useDraft(key: string, value: Ref<unknown>, changed: () => boolean): DraftHandle {
  let timer: ReturnType<typeof setTimeout> | undefined
  let done = false

  const write = () => {
    clearTimeout(timer)
    if (done || !changed()) return
    const plain = JSON.parse(JSON.stringify(value.value)) as unknown
    drafts()
      .then((store) => store.saveDraft(key, { at: Date.now(), value: plain }))
      .catch((error: unknown) => console.warn(error))
  }
  watch(
    value,
    () => {
      done = false
      clearTimeout(timer)
      timer = setTimeout(write, PAUSE)
    },
    { deep: true },
  )
  // A call comes in, the battery dies: the page is hidden first.
  const onHide = () => document.visibilityState === 'hidden' && write()
  document.addEventListener('visibilitychange', onHide)
  onScopeDispose(() => {
    document.removeEventListener('visibilitychange', onHide)
    write()
  })

  return {
    restored: drafts()
      .then((store) => store.draft<Kept>(key))
      .catch(() => undefined),
    async drop() {
      done = true
      clearTimeout(timer)
      await drafts().then((store) => store.dropDraft(key))
    },
  }
}
