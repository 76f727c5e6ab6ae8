/**
 * Forms that hold something not yet saved. A new version of the app is never loaded over one, and leaving such a page
 * asks the browser to warn.
 */
import { computed, onActivated, onDeactivated, onScopeDispose, reactive, ref, watch, type Ref } from 'vue'

const dirty = reactive(new Set<symbol>())

export const anyDirty = computed(() => dirty.size > 0)

/**
 * Registers the calling component's form. It counts while its screen is shown: screens stay alive behind others, and a
 * form somebody has left, whose draft is kept, must not hold up the new version for the rest of the day.
 */
export function useDirty(changed: Ref<boolean>): void {
  const mine = Symbol('form')
  const shown = ref(true)
  onActivated(() => (shown.value = true))
  onDeactivated(() => (shown.value = false))
  watch(
    () => changed.value && shown.value,
    (value) => (value ? dirty.add(mine) : dirty.delete(mine)),
    { immediate: true },
  )
  onScopeDispose(() => dirty.delete(mine))
}

/** Keeps a task (camera open, upload by hand) from being reloaded over, until the returned function is called. */
export function holdReload(): () => void {
  const mine = Symbol('task')
  dirty.add(mine)
  return () => dirty.delete(mine)
}

addEventListener('beforeunload', (event) => {
  if (dirty.size > 0) event.preventDefault()
})
