/** Screens that show parts of other areas wait for their words as well. */
import type { NavigationGuard } from 'vue-router'
import { loadArea } from '@/app/i18n'

export const wordsOf =
  (...areas: string[]): NavigationGuard =>
  async () => {
    await Promise.all(areas.map((area) => loadArea(area).catch((error: unknown) => console.warn(error))))
    return true
  }
