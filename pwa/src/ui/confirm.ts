/** One question before something that cannot be undone. */
import { shallowRef } from 'vue'

export interface Question {
  title: string
  text?: string
  /** The verb of the action, not "OK". */
  yes: string
  no?: string
  danger?: boolean
}

export const asked = shallowRef<(Question & { answer: (yes: boolean) => void }) | null>(null)

/** Resolves with true when the person agreed, false on anything else. */
export function confirm(question: Question): Promise<boolean> {
  asked.value?.answer(false)
  return new Promise((resolve) => {
    asked.value = {
      ...question,
      answer: (yes) => {
        asked.value = null
        resolve(yes)
      },
    }
  })
}
