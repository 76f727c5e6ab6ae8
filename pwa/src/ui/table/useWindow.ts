/** Which rows of a table are on screen: rows have one height, so thousands cost as much as thirty. */
import { computed, onActivated, onBeforeUnmount, onMounted, ref, type Ref } from 'vue'

const SPARE = 12

/** `rowRem`: height of a row in rem. */
export function useWindow(scroller: Ref<HTMLElement | null>, count: Ref<number>, rowRem: number) {
  const top = ref(0)
  const height = ref(800)
  const row = ref(rowRem * 16)
  let observer: ResizeObserver | null = null

  const measure = () => {
    row.value = rowRem * parseFloat(getComputedStyle(document.documentElement).fontSize)
    height.value = scroller.value?.clientHeight ?? 800
  }
  const onScroll = () => (top.value = scroller.value?.scrollTop ?? 0)
  onMounted(() => {
    measure()
    scroller.value?.addEventListener('scroll', onScroll, { passive: true })
    observer = new ResizeObserver(measure)
    if (scroller.value) observer.observe(scroller.value)
  })
  onBeforeUnmount(() => observer?.disconnect())
  // An element that was taken out of the page and put back has forgotten how far it was scrolled.
  onActivated(() => {
    if (scroller.value) scroller.value.scrollTop = top.value
  })

  const first = computed(() => Math.max(0, Math.min(count.value, Math.floor(top.value / row.value)) - SPARE))
  const last = computed(() => Math.min(count.value, Math.ceil((top.value + height.value) / row.value) + SPARE))

  /** Scrolls just far enough that a row is seen between the head and the foot. */
  function reveal(index: number, head: number, foot: number): void {
    const element = scroller.value
    if (!element) return
    const from = index * row.value
    if (from < element.scrollTop) element.scrollTop = from
    else if (from + row.value > element.scrollTop + element.clientHeight - head - foot) {
      element.scrollTop = from + row.value - element.clientHeight + head + foot
    }
  }
  return { first, last, row, top, reveal }
}
