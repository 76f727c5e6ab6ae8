/** A page of settings that changes one thing at a time: it is read, changed, and read again as the company has it. */
import { ref } from 'vue'
import { sentence } from './problems'

/** `record`: whose fields a problem names. `read` puts what the page shows where it belongs. */
export function useEditing(record: string, read: () => Promise<void>) {
  const error = ref<unknown>(null)
  const problem = ref<string | null>(null)
  const busy = ref(false)

  async function load(): Promise<void> {
    try {
      await read()
      error.value = null
    } catch (failure) {
      error.value = failure
    }
  }

  async function act(work: () => Promise<unknown>): Promise<void> {
    busy.value = true
    problem.value = null
    try {
      await work()
    } catch (failure) {
      problem.value = sentence(failure, record)
    }
    await load()
    busy.value = false
  }

  return { error, problem, busy, load, act }
}
