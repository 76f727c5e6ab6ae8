/** Something a form does: whether it is under way, and in words what was wrong with it. */
import { ref } from 'vue'
import { sentence } from './problems'

/** `record`: whose fields a problem names. */
export function useAttempt(record: string) {
  const problem = ref<string | null>(null)
  const busy = ref(false)

  /** True when it was done. */
  async function attempt(work: () => Promise<unknown>): Promise<boolean> {
    busy.value = true
    problem.value = null
    try {
      await work()
      return true
    } catch (error) {
      problem.value = sentence(error, record)
      return false
    } finally {
      busy.value = false
    }
  }

  return { problem, busy, attempt }
}
