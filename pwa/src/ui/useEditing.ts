/** A page of settings that changes one thing at a time: it is read, changed, and read again as the company has it. */
import { ref } from 'vue'
import { useAttempt } from './useAttempt'

/** `record`: whose fields a problem names. `read` puts what the page shows where it belongs. */
export function useEditing(record: string, read: () => Promise<void>) {
  const error = ref<unknown>(null)
  const { problem, busy, attempt } = useAttempt(record)

  async function load(): Promise<void> {
    try {
      await read()
      error.value = null
    } catch (failure) {
      error.value = failure
    }
  }

  /** Busy until it is read again. */
  async function act(work: () => Promise<unknown>): Promise<void> {
    await attempt(work)
    busy.value = true
    await load()
    busy.value = false
  }

  return { error, problem, busy, load, act }
}
