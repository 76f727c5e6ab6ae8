/** "Done. [Undo]": what was done stays undoable for a few seconds instead of being asked about before. And what may be done
 * next, with one tap. */
import { shallowRef } from 'vue'

export interface Undoable {
  text: string
  undo?: () => void | Promise<void>
  next?: { label: string; take: () => void | Promise<void> }[]
  /** Milliseconds. */
  for?: number
}

export const shownUndo = shallowRef<Undoable | null>(null)
let timer: ReturnType<typeof setTimeout> | undefined

export function showUndo(entry: Undoable): void {
  clearTimeout(timer)
  shownUndo.value = entry
  timer = setTimeout(() => (shownUndo.value = null), entry.for ?? (entry.undo ? 7_000 : 3_500))
}

export function closeUndo(): void {
  clearTimeout(timer)
  shownUndo.value = null
}
