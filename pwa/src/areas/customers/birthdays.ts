/**
 * Whose birthday is near, by the sun or the moon, as the company counts it (server/customers/lunar.py): who was born in a
 * leap month celebrates in the month before it; a day that the month does not have is celebrated on its last day.
 *
 * The lunar calendar stands here as a table, because browsers get some new years wrong (2027, 2030).
 */
import { addDays, today } from '@/ui/format'

/** The years from 2024 on, as the server has them: 13 bits of long months, 4 bits of the leap month, the first day. */
const YEARS = `
  5006d2 38cea5 5e0725 48064b 32ac97 560cab 42055a 2c6ad6 520b69 3d7752 620b52 4c0b25 36da4b 5a0a4b
  4404ab 2ea55b 5405ad 3e0b6a 2a5b52 500d92 3afd25 5e0d25 480a55 32b4ad 5804b6 4005b5 2c6daa 520ec9
  3f1e92 620e92 4c0d26 36ca56 5a0a57 4404d6 2e86d5 540755 400749 286e93 4e0693 38f52b 5e052b 460a5b
  32b55a 58056a 420b65 2c974a 520b4a 3d1a95 620a95 4a052d 34caad 5a0ab5 4605aa 2e8ba5 540da5 400d4a
  2a7c95 4e0c96 38f94e 5e0556 480ab5 32b5b2 5806d2 420ea5 2e8e4a 50068b 3b0c97 6004ab 4a055b 34cad6
  5a0b6a 460752 309725 540b45 3e0a8b 28549b 4e04ab
`
  .trim()
  .split(/\s+/)
  .map((text) => parseInt(text, 16))
const FIRST = 2024

const daysBetween = (from: string, to: string) => Math.round((Date.parse(to) - Date.parse(from)) / 86_400_000)

/** Month and day of a day, and whether it is the last of a month of 29 days. Null in a leap month, and where the table
 * ends. */
function lunarDay(day: string): { month: number; day: number; last: boolean } | null {
  for (const year of [Number(day.slice(0, 4)), Number(day.slice(0, 4)) - 1]) {
    const entry = YEARS[year - FIRST]
    if (entry === undefined) return null
    let left = daysBetween(`${year}-01-01`, day) - (entry >>> 17)
    if (left < 0) continue
    const leap = (entry >>> 13) & 0xf
    for (let index = 0; index < (leap ? 13 : 12); index++) {
      const length = (entry >>> index) & 1 ? 30 : 29
      if (left < length) {
        const isLeap = leap > 0 && index === leap
        const month = index + 1 - (leap > 0 && index >= leap ? 1 : 0)
        return isLeap ? null : { month, day: left + 1, last: length === 29 && left === 28 }
      }
      left -= length
    }
  }
  return null
}

/** The "month-day" of birthdays that are celebrated on a day. */
export function celebratedOn(day: string, calendar: 'solar' | 'lunar'): string[] {
  const pair = (month: number, number: number) =>
    `${String(month).padStart(2, '0')}-${String(number).padStart(2, '0')}`
  if (calendar === 'solar') {
    const short = day.endsWith('-02-28') && addDays(day, 1).endsWith('-03-01')
    return [day.slice(5), ...(short ? ['02-29'] : [])]
  }
  const found = lunarDay(day)
  if (!found) return []
  return [pair(found.month, found.day), ...(found.last ? [pair(found.month, 30)] : [])]
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
    typeof birthday === 'string' && near[calendar === 'lunar' ? 'lunar' : 'solar'].has(birthday.slice(5, 10))
}
