/** The page appears when its parts on this device have been read: nothing moves under the thumb. */
import { computed, inject, onScopeDispose, provide, shallowReactive, type ComputedRef, type InjectionKey } from 'vue'

type Ready = () => boolean
const WAITING: InjectionKey<Set<Ready>> = Symbol('parts of the start page')

/** For the page: true when every part that asked to be waited for is ready. */
export function useSteady(): ComputedRef<boolean> {
  const parts = shallowReactive(new Set<Ready>())
  provide(WAITING, parts)
  return computed(() => [...parts].every((ready) => ready()))
}

/** For a part: the page waits for it. Parts that ask the company do not, they have an outline of their own. */
export function waitFor(ready: Ready): void {
  const parts = inject(WAITING, null)
  parts?.add(ready)
  onScopeDispose(() => parts?.delete(ready))
}
