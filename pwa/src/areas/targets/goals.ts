/** What people aim at, and how far they are. */
import type { components } from '@/generated/api'
import type { Row } from '@/sync/types'
import { toUnits } from '@/ui/decimal'
import { orderAmount, paymentAmount, type DayWork } from '../worklogs/day'
import type { Period } from './periods'

export type Attainment = components['schemas']['Attainment']
export type PersonAttainment = components['schemas']['PersonAttainment']
export type DepartmentAttainment = components['schemas']['DepartmentAttainment']
export type Attained = components['schemas']['Attained']

export const GOALS = ['visits', 'new_customers', 'deal_amount', 'received_amount'] as const
export type GoalName = (typeof GOALS)[number]
export const isAmount = (name: string): boolean => name.endsWith('_amount')

export interface Target extends Row {
  person_id: string
  kind: string
  period: string
  start_date: string
  end_date: string
  visits: number | null
  new_customers: number | null
  deal_amount: string | null
  received_amount: string | null
  note: string | null
  state: 'draft' | 'asked' | 'returned' | 'refused' | 'approved'
  approved_at: string | null
}

export const periodOfTarget = (target: Target): Period => ({ start: target.start_date, end: target.end_date })
/** Whether its numbers may be written over as they stand. */
export const isDraft = (target: Target): boolean => target.approved_at === null && target.state !== 'asked'

/** A goal beside what was reached; `rate` 1 is all of it. */
export interface Reached {
  name: GoalName
  goal: number | string | null
  actual: number | string | null
  rate: number | null
}

/** Four decimals. Amounts are decimal text, so they are divided as whole cents. */
export function rateOf(goal: number | string | null, actual: number | string | null): number | null {
  if (goal === null || actual === null) return null
  const [whole, some] = [toUnits(String(goal), 2), toUnits(String(actual), 2)]
  return whole > 0n ? Math.round(Number((some * 100_000n) / whole) / 10) / 10_000 : null
}

const ACTUAL: Record<GoalName, (work: DayWork) => number | string> = {
  visits: (work) => work.visits.length,
  new_customers: (work) => work.customers.length,
  deal_amount: orderAmount,
  received_amount: paymentAmount,
}
/** The list of each goal's rows on this phone. */
export const LISTS: Record<GoalName, keyof DayWork> = {
  visits: 'visits',
  new_customers: 'customers',
  deal_amount: 'orders',
  received_amount: 'payments',
}

/** From the rows on this phone; goals count only from when they are in force. */
export function reachedHere(target: Target | null, work: DayWork): Reached[] {
  return GOALS.map((name) => {
    const goal = target?.approved_at ? target[name] : null
    const actual = ACTUAL[name](work)
    return { name, goal, actual, rate: rateOf(goal, actual) }
  })
}
