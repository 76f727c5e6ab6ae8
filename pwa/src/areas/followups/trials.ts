/** How a trial account stands, from what this device knows. */
import type { Row } from '@/sync/types'
import { addDays, today } from '@/ui/format'
import { choiceLabel } from '@/ui/labels'

export type Trial = Record<string, unknown> & { id: string }
export type TrialAct = 'open' | 'refuse' | 'extend' | 'assign' | 'password' | 'close' | 'restore'

/** As long as the server counts somebody as online (server/followups/logins.py). */
const ONLINE = 15 * 60_000
/** Days before its end in which a trial is about to end. */
export const SOON = 7

/** One whose last day is over has expired, also where nobody could tell this device. */
export const stateOf = (row: Trial | Row, day = today()): string =>
  row.state === 'open' && typeof row.ends_on === 'string' && row.ends_on < day ? 'expired' : String(row.state)

export const stateWord = (row: Trial | Row): string => choiceLabel('trial_account', 'state', stateOf(row))

export const isOnline = (row: Trial | Row, now: number): boolean =>
  typeof row.seen_at === 'string' && now - Date.parse(row.seen_at) < ONLINE

export const endsSoon = (row: Trial | Row, day = today()): boolean =>
  stateOf(row, day) === 'open' && String(row.ends_on) <= addDays(day, SOON)

const NEXT: Record<string, TrialAct[]> = {
  pending: ['open', 'refuse'],
  refused: ['open', 'close'],
  open: ['extend', 'assign', 'password', 'close'],
  expired: ['extend', 'assign', 'close'],
  closed: ['restore'],
}
/** What whoever manages trial accounts can do with one. */
export const actsOf = (row: Trial | Row): TrialAct[] => NEXT[stateOf(row)] ?? []
