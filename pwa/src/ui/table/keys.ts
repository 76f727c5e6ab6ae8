/** The table's keyboard: j k move, Enter opens, x selects, e edits, n makes a new one, s searches the list. */
import { onActivated, onBeforeUnmount, onDeactivated, onMounted } from 'vue'
import { typing } from '../keyboard'

/** Work lists add the keys of their decisions: a c r, 1 2 3. */
export type Shortcut = 'j' | 'k' | 'Enter' | 'x' | 'e' | 'n' | 's' | 'a' | 'c' | 'r' | '1' | '2' | '3'

export function useTableKeys(actions: Partial<Record<Shortcut, () => void>>): void {
  const alias: Record<string, Shortcut> = { ArrowDown: 'j', ArrowUp: 'k' }
  function onKey(event: KeyboardEvent) {
    if (typing(event)) return
    const key = (alias[event.key] ?? event.key) as Shortcut
    // A focused button or link keeps its own Enter.
    if (key === 'Enter' && (event.target as HTMLElement | null)?.closest('button, a')) return
    const action = actions[key]
    if (!action) return
    event.preventDefault()
    action()
  }
  const listen = () => addEventListener('keydown', onKey)
  const ignore = () => removeEventListener('keydown', onKey)
  onMounted(listen)
  onActivated(listen)
  onDeactivated(ignore)
  onBeforeUnmount(ignore)
}
