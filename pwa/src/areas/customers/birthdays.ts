/**
 * Whose birthday is near, by the sun or the moon, as the company counts it (server/customers/lunar.py): who was born in a
 * leap month celebrates in the month before it; a day that the month does not have is celebrated on its last day.
 */
import { addDays, today } from '@/ui/format'
import { daysIn, isLunar, lunarYear } from '@/ui/lunar'

const daysBetween = (from: string, to: string) => Math.round((Date.parse(to) - Date.parse(from)) / 86_400_000)

/** Month and day of a day, and how many days the month has. Null in a leap month, and where the table ends. */
function lunarDay(day: string): { month: number; day: number; days: number } | null {
  for (const number of [Number(day.slice(0, 4)), Number(day.slice(0, 4)) - 1]) {
    const year = lunarYear(number)
    if (!year) return null
    let left = daysBetween(`${number}-01-01`, day) - year.first
    if (left < 0) continue
    for (const [index, days] of year.months.entries()) {
      if (left < days) {
        if (year.leap > 0 && index === year.leap) return null
        return { month: index + 1 - (year.leap > 0 && index > year.leap ? 1 : 0), day: left + 1, days }
      }
      left -= days
    }
  }
  return null
}

/** The "month-day" of birthdays that are celebrated on a day. */
export function celebratedOn(day: string, calendar: 'solar' | 'lunar'): string[] {
  const [year = 0, month = 0, number = 0] = day.split('-').map(Number)
  const found = calendar === 'lunar' ? lunarDay(day) : { month, day: number, days: daysIn(year, month, 'solar') }
  if (!found) return []
  const pad = (part: number) => String(part).padStart(2, '0')
  // The last day stands for those that the month does not have.
  const last = found.day === found.days ? 31 : found.day
  return Array.from({ length: last - found.day + 1 }, (_, more) => `${pad(found.month)}-${pad(found.day + more)}`)
}

/** Whether a birthday is celebrated today or within so many days. */
export function celebratesWithin(days: number): (birthday: unknown, calendar: unknown) => boolean {
  const near = { solar: new Set<string>(), lunar: new Set<string>() }
  for (let count = 0; count <= days; count++) {
    const day = addDays(today(), count)
    for (const calendar of ['solar', 'lunar'] as const)
      for (const one of celebratedOn(day, calendar)) near[calendar].add(one)
  }
  return (birthday, calendar) =>
    typeof birthday === 'string' && near[isLunar(calendar) ? 'lunar' : 'solar'].has(birthday.slice(5, 10))
}
