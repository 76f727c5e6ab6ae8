/** The period of a target on this phone, as the company reckons it: 2026-11, 2026 Q4, 2026, or two days. */
export type TargetKind = 'month' | 'quarter' | 'year'
export const KINDS: readonly TargetKind[] = ['month', 'quarter', 'year']

export interface Period {
  /** First and last day, yyyy-mm-dd. */
  start: string
  end: string
}

const MONTHS: Record<TargetKind, number> = { month: 1, quarter: 3, year: 12 }
const two = (n: number): string => String(n).padStart(2, '0')

/** The month, quarter or year that contains the day; `by`: so many later (or earlier). */
export function periodOf(kind: TargetKind, day: string, by = 0): Period {
  const months = MONTHS[kind]
  const [year, month] = day.split('-').map(Number) as [number, number]
  const first = year * 12 + Math.floor((month - 1) / months) * months + by * months
  const last = first + months - 1
  const days = new Date(Date.UTC(Math.floor(last / 12), (last % 12) + 1, 0)).getUTCDate()
  return {
    start: `${Math.floor(first / 12)}-${two((first % 12) + 1)}-01`,
    end: `${Math.floor(last / 12)}-${two((last % 12) + 1)}-${two(days)}`,
  }
}

export function periodName(kind: string, { start, end }: Period): string {
  if (kind === 'year') return start.slice(0, 4)
  if (kind === 'quarter') return `${start.slice(0, 4)} Q${Math.ceil(Number(start.slice(5, 7)) / 3)}`
  return kind === 'month' ? start.slice(0, 7) : `${start} – ${end}`
}

/** How much of the period is over, 0 to 1: the day itself counts. */
export function elapsed({ start, end }: Period, day: string): number {
  const at = (text: string) => Date.parse(`${text}T00:00:00Z`) / 86_400_000
  const whole = at(end) - at(start) + 1
  return Math.min(1, Math.max(0, (at(day) - at(start) + 1) / whole))
}
