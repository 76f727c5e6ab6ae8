/** Ctrl+K, on a Mac ⌘K: finds anything, also out of a field. */
export const isFind = (event: KeyboardEvent): boolean =>
  (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === 'k'

/** Whether a key belongs to a field or an open menu and must not be taken as a shortcut. */
export function typing(event: KeyboardEvent): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return true
  const target = event.target as HTMLElement | null
  return !!target?.closest('input:not([type=checkbox]), textarea, select, [contenteditable=true], .q-menu, .q-dialog')
}
