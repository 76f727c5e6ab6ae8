/** Dates, distances and counts as people read them, in the chosen language. Times on the wire are UTC. */
import { i18n, language } from '@/app/i18n'

const formats = new Map<string, Intl.DateTimeFormat>()

/** The company's time zone decides what "today" is; set from `me` after login. */
let zone: string | undefined
let days: Intl.DateTimeFormat | undefined
export function setTimeZone(name: string | undefined): void {
  zone = name
  formats.clear()
  days = undefined
}

function dateFormat(name: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${language.value} ${name}`
  const found = formats.get(key)
  if (found) return found
  const made = new Intl.DateTimeFormat(language.value, { timeZone: zone, ...options })
  formats.set(key, made)
  return made
}

const pad = (n: number) => String(n).padStart(2, '0')

/** The business day of an instant, as yyyy-mm-dd in the company's zone. */
export function dayOf(instant: Date | string): string {
  // Made once: making one takes fifty times as long as using it, and lists ask for the day of thousands of rows.
  days ??= new Intl.DateTimeFormat('en-CA', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit' })
  return days.format(typeof instant === 'string' ? new Date(instant) : instant)
}

export const today = (): string => dayOf(new Date())

/** A day `days` after another, both as yyyy-mm-dd. */
export function addDays(day: string, days: number): string {
  const [y = 1970, m = 1, d = 1] = day.split('-').map(Number)
  const moved = new Date(Date.UTC(y, m - 1, d + days))
  return `${moved.getUTCFullYear()}-${pad(moved.getUTCMonth() + 1)}-${pad(moved.getUTCDate())}`
}

/** "11-21", or "2025-11-21" in another year. */
export function shortDate(value: string): string {
  const day = value.length === 10 ? value : dayOf(value)
  return day.startsWith(today().slice(0, 4)) ? day.slice(5) : day
}

/** "11月21日 周六" / "Sat, Nov 21". */
export function longDate(value: string): string {
  const [y = 1970, m = 1, d = 1] = (value.length === 10 ? value : dayOf(value)).split('-').map(Number)
  const noon = new Date(Date.UTC(y, m - 1, d, 12))
  return new Intl.DateTimeFormat(language.value, {
    timeZone: 'UTC',
    month: 'long',
    day: 'numeric',
    weekday: 'short',
  }).format(noon)
}

/** "14:05". */
export function clock(value: string | Date): string {
  return dateFormat('clock', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(new Date(value))
}

/** "11-21 14:05". */
export function dateTime(value: string): string {
  return `${shortDate(value)} ${clock(value)}`
}

/** "刚刚", "5 分钟前", "昨天 14:05", "11-02". `now` in milliseconds. */
export function ago(value: string, now = Date.now()): string {
  const { t } = i18n.global
  const then = new Date(value).getTime()
  const minutes = Math.floor((now - then) / 60_000)
  if (minutes < -1) return dateTime(value)
  if (minutes < 1) return t('time.now')
  if (minutes < 60) return t('time.minutes', { n: minutes })
  const day = dayOf(value)
  const present = dayOf(new Date(now))
  if (day === present) return t('time.hours', { n: Math.floor(minutes / 60) })
  if (day === addDays(present, -1)) return t('time.yesterday', { time: clock(value) })
  return shortDate(day)
}

/** Metres: "350 m", "1.2 km". */
export function distance(metres: number): string {
  if (metres < 1000) return `${Math.round(metres / 10) * 10} m`
  return metres < 100_000 ? `${(metres / 1000).toFixed(1)} km` : `${Math.round(metres / 1000)} km`
}

/** Minutes as "45 分钟" or "1 小时 20 分". */
export function duration(minutes: number): string {
  const { t } = i18n.global
  const whole = Math.max(0, Math.round(minutes))
  if (whole < 60) return t('time.duration_minutes', { n: whole })
  return t('time.duration_hours', { h: Math.floor(whole / 60), m: whole % 60 })
}

export function bytes(count: number): string {
  if (count < 1024 * 1024) return `${Math.max(1, Math.round(count / 1024))} KB`
  return count < 1024 ** 3 ? `${(count / 1024 ** 2).toFixed(1)} MB` : `${(count / 1024 ** 3).toFixed(1)} GB`
}
