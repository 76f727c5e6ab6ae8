import { ref } from 'vue'

/** Milliseconds since 1970, moving on every half minute while the page is seen. */
export const minute = ref(Date.now())

const tick = () => {
  if (document.visibilityState === 'visible') minute.value = Date.now()
}
setInterval(tick, 30_000)
document.addEventListener('visibilitychange', tick)
