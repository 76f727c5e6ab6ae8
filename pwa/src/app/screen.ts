/** What a screen and the frame around it tell each other. */
import { computed, inject, onActivated, onBeforeUnmount, onDeactivated, onMounted, ref, type InjectionKey } from 'vue'

/** True inside the desk's side panel, which has its own way to close. */
export const IN_PANEL: InjectionKey<boolean> = Symbol('in panel')
export const useInPanel = (): boolean => inject(IN_PANEL, false)

const footed = ref(0)
/** Screens with a bar of their own at the foot have the phone's tabs out of the way: two bars are one too many. */
export const tabsHidden = computed(() => footed.value > 0)

/** Hides the phone's tabs while the calling component is on screen. */
export function useFoot(active: () => boolean): void {
  let on = false
  const set = (next: boolean) => {
    if (next === on) return
    on = next
    footed.value += next ? 1 : -1
  }
  onMounted(() => set(active()))
  onActivated(() => set(active()))
  onDeactivated(() => set(false))
  onBeforeUnmount(() => set(false))
}
