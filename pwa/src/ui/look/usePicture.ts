/** The picture of a look as an address to show; null where there is none, or it cannot be had now. */
import { computed, onScopeDispose, shallowRef, watch, type ComputedRef } from 'vue'
import type { Shown } from '../look'
import { pictureOf } from './pictures'

export function usePicture(shown: () => Shown): ComputedRef<string | null> {
  const url = shallowRef<string | null>(null)
  const release = () => {
    if (url.value) URL.revokeObjectURL(url.value)
    url.value = null
  }
  watch(
    () => (shown().picture === undefined ? (shown().template?.picture ?? null) : null),
    async (hash) => {
      release()
      const { template } = shown()
      if (!hash || !template) return
      const found = await pictureOf(template).catch(() => null)
      if (found && hash === shown().template?.picture) url.value = URL.createObjectURL(found)
    },
    { immediate: true },
  )
  onScopeDispose(release)
  return computed(() => shown().picture ?? url.value)
}
