/** Queries that answer again when something they looked at has changed.
 *
 * The engine says after every transaction which rows of which types differ. A query that is still running when the
 * next change comes runs once more afterwards, so the last answer is always of the newest state, and a burst of pages
 * costs one query at a time instead of one a page. A query that takes long (all customers, while a cold start is putting
 * thousands) rests after each answer, so that most of the processor is left for what it waits for. */

import type { Changes } from './changes'

export interface Interest {
  type: string
  /** Only this row; absent: any row of the type. */
  id?: string
}

export function concerns(changes: Changes, interests: readonly Interest[]): boolean {
  return interests.some(({ type, id }) => {
    const ids = changes.get(type)
    if (ids === undefined) return false
    return ids === null || id === undefined || ids.has(id)
  })
}

/** Milliseconds; what is quicker never rests. */
const SLOW = 40
const REST_FOR_EACH = 4
const LONGEST_REST = 2_000

export function live<T>(
  subscribe: (listener: (changes: Changes) => void) => () => void,
  interests: readonly Interest[],
  read: () => Promise<T>,
  deliver: (value: T) => void,
  failed: (error: unknown) => void = console.error,
): () => void {
  let running = false
  let again = false
  let stopped = false
  const run = async (): Promise<void> => {
    if (running) {
      again = true
      return
    }
    running = true
    do {
      again = false
      const began = performance.now()
      try {
        const value = await read()
        if (!stopped) deliver(value)
      } catch (error) {
        if (!stopped) failed(error)
      }
      await restAfter(performance.now() - began)
    } while (again && !stopped)
    running = false
  }
  const unsubscribe = subscribe((changes) => {
    if (!stopped && concerns(changes, interests)) void run()
  })
  void run()
  return () => {
    stopped = true
    unsubscribe()
  }
}

/** Rests after work that took so many milliseconds. */
export async function restAfter(took: number): Promise<void> {
  if (took <= SLOW) return
  await new Promise<void>((resolve) => setTimeout(resolve, Math.min(took * REST_FOR_EACH, LONGEST_REST)))
}
