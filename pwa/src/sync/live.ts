/** Queries that answer again when something they looked at has changed.
 *
 * The engine says after every transaction which rows of which types differ. A query that is still running when the
 * next change comes runs once more afterwards, so the last answer is always of the newest state, and a burst of pages
 * costs one query at a time instead of one a page. */

import type { Changes } from './cache'

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
      try {
        const value = await read()
        if (!stopped) deliver(value)
      } catch (error) {
        if (!stopped) failed(error)
      }
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
