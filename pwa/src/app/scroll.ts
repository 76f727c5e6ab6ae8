/** Back returns to the same place: remembers how far each entry of the history was scrolled. */
import { nextTick, type Ref } from 'vue'
import { useRouter } from 'vue-router'

const places = new Map<number, number>()
const position = (): number => (history.state as { position?: number } | null)?.position ?? 0

/** Restores for at most this long, while lists are still growing (milliseconds). */
const PATIENCE = 1_500

export function useScrollMemory(scroller: Ref<HTMLElement | null>, active: () => boolean): void {
  const router = useRouter()
  let here = position()

  router.beforeEach(() => {
    if (active() && scroller.value) places.set(here, scroller.value.scrollTop)
  })
  router.afterEach(async (to, from) => {
    const next = position()
    const back = next < here
    here = next
    if (!active() || to.path === from.path) return
    await nextTick()
    const target = back ? (places.get(next) ?? 0) : 0
    const start = performance.now()
    const restore = () => {
      const element = scroller.value
      if (!element || here !== next) return
      element.scrollTop = target
      if (Math.abs(element.scrollTop - target) > 1 && performance.now() - start < PATIENCE)
        requestAnimationFrame(restore)
    }
    restore()
  })
}
