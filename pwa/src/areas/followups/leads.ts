/** The life cycle of a lead, and the call cards of its reports, as phone, desk and simulator know them
 * (server/followups/leads.py, call_reports.py). */
import type { Row } from '@/sync/types'

export const LEAD_STAGES = ['cold', 'potential', 'following', 'existing'] as const
export type LeadStage = (typeof LEAD_STAGES)[number]
export type ReportKind = 'cold' | 'lead' | 'existing'

export interface CallReport extends Row {
  customer_id: string
  kind: ReportKind
  visit_id?: string | null
  copied_from_id?: string | null
  contact_id?: string | null
  reported_at: string
  content: string
  sales_stage_id?: string | null
  next_contact_at?: string | null
  satisfaction?: string | null
  demand?: string | null
  competition?: string | null
  author_id: string
  differing?: string[] | null
}

export function stageOf(customer: object | null | undefined): LeadStage {
  const stage = (customer as { lead_stage?: unknown } | null | undefined)?.lead_stage
  return LEAD_STAGES.find((one) => one === stage) ?? 'potential'
}

/** Which report a customer gets at a stage of its life. */
export function kindAt(stage: unknown): ReportKind {
  return stage === 'cold' || stage === 'existing' ? stage : 'lead'
}

/** The step that leads on from a stage: its command and where it leads. An existing customer only goes back. */
export const NEXT: Record<LeadStage, { command: string; to: LeadStage }> = {
  cold: { command: 'lead.accept', to: 'potential' },
  potential: { command: 'lead.follow', to: 'following' },
  following: { command: 'lead.convert', to: 'existing' },
  existing: { command: 'lead.return', to: 'potential' },
}

/** What a follow-up stage that was told does to a customer: a potential one whose stage moves is followed. */
export function staged(customer: Row, stage: unknown): Record<string, unknown> {
  if (!stage) return {}
  const moves = customer.lead_stage === 'potential' && customer.sales_stage_id !== stage
  return { sales_stage_id: stage, ...(moves ? { lead_stage: 'following' } : {}) }
}

/** The call card of a report: the values of the company's own fields, by name. */
export function cardOf(report: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(report).filter(([name, value]) => name.startsWith('own.') && value != null),
  )
}

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a ?? null) === JSON.stringify(b ?? null)

/** The names of what is not the same in two cards, in order. */
export function differing(before: Record<string, unknown>, now: Record<string, unknown>): string[] {
  const [was, is] = [cardOf(before), cardOf(now)]
  return [...new Set([...Object.keys(was), ...Object.keys(is)])].filter((name) => !same(was[name], is[name])).sort()
}

/** The report whose card the next one on this customer begins with: the latest that has one. */
export function lastCard(reports: readonly CallReport[]): CallReport | null {
  const withCard = reports.filter((one) => one.kind !== 'existing')
  return withCard.reduce<CallReport | null>(
    (last, one) => (!last || one.reported_at > last.reported_at ? one : last),
    null,
  )
}
