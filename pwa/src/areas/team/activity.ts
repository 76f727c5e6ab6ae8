/** How a person's visits lie over the day, for the small bars. */
import { clock } from '@/ui/format'

/** The hours the bars begin at; what is earlier or later counts to the first or last. */
export const HOURS = [8, 10, 12, 14, 16, 18] as const

export function activityOf(times: Iterable<string>): number[] {
  const bars = HOURS.map(() => 0)
  for (const at of times) {
    const hour = Number(clock(at).slice(0, 2))
    const index = Math.min(HOURS.length - 1, Math.max(0, Math.floor((hour - HOURS[0]) / 2)))
    bars[index] = (bars[index] ?? 0) + 1
  }
  return bars
}
