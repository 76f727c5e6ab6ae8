/** Documents on their way, as this device holds them, and which of them are whose turn. */
import type { Row } from '@/sync/types'

export interface SummaryLine {
  record: string
  field: string
  /** Absent: no change, but how something is. */
  before?: unknown
  after: unknown
  /** The one of several this line is about. */
  id?: string
  name?: string
  /** Why it is so, as codes with their numbers. */
  told?: (Record<string, unknown> & { code: string })[]
}

export interface PlannedStep {
  name: string
  who: string
  need?: 'any' | 'all'
  desk_only?: boolean
}

export type PaperState = 'running' | 'approved' | 'refused' | 'returned' | 'withdrawn' | 'failed'

export interface Paper extends Row {
  kind: string
  title: string
  state: PaperState
  requester_id: string
  customer_id: string | null
  record_type: string
  record_id: string
  reason: string | null
  amount: string | null
  summary: SummaryLine[]
  plan: { steps?: PlannedStep[] }
  step: number
  round: number
  outcome: string | null
  outcome_detail: Record<string, unknown> | null
  created_at: string
  finished_at: string | null
}

export interface PaperLine extends Row {
  approval_id: string
  seq: number
  round: number
  step: number
  step_name: string | null
  approver_id: string | null
  for_id: string | null
  why: string | null
  state: string
  opinion: string | null
  decided_by: string | null
  decided_at: string | null
  detail: Record<string, unknown> | null
  created_at: string
}

export const isMine = (line: PaperLine, me: string): boolean => line.approver_id === me || line.for_id === me

/** The line on which somebody is asked now. */
export const turnOf = (paper: Paper, lines: readonly PaperLine[], me: string): PaperLine | undefined =>
  paper.state === 'running' ? lines.find((line) => line.state === 'waiting' && isMine(line, me)) : undefined

export type Box = 'waiting' | 'returned' | 'mine' | 'done'

const byTime = (a: Paper, b: Paper) => (String(a.created_at) < String(b.created_at) ? -1 : 1)

/** What lies in each of the boxes: oldest first where one has to decide, newest first otherwise. What came back to who
 * asked lies with the rest of the own ones, too. */
export function boxes(papers: Iterable<Paper>, lines: Iterable<PaperLine>, me: string): Record<Box, Paper[]> {
  const byPaper = new Map<string, PaperLine[]>()
  for (const line of lines) {
    const there = byPaper.get(line.approval_id)
    if (there) there.push(line)
    else byPaper.set(line.approval_id, [line])
  }
  const found: Record<Box, Paper[]> = { waiting: [], returned: [], mine: [], done: [] }
  for (const paper of [...papers].sort(byTime)) {
    const own = byPaper.get(paper.id) ?? []
    if (turnOf(paper, own, me)) found.waiting.push(paper)
    else if (paper.requester_id !== me && own.some((line) => isMine(line, me))) found.done.unshift(paper)
    if (paper.requester_id !== me) continue
    found.mine.unshift(paper)
    if (paper.state === 'returned') found.returned.unshift(paper)
  }
  return found
}

/** Where what a document is about can be seen: one's own report or visit on this device, that of somebody else with the company. */
export function subjectPath(paper: Paper, me = ''): string | null {
  const own = paper.requester_id === me
  if (paper.record_type === 'work_report')
    return own ? `/worklogs/${paper.record_id}` : `/review/reports?id=${paper.record_id}`
  if (paper.record_type === 'visit') return own ? `/visits/${paper.record_id}` : `/desk/visits/${paper.record_id}`
  if (paper.record_type === 'target') return `/targets/${paper.record_id}`
  if (paper.record_type === 'order') return `/orders/${paper.record_id}`
  return paper.customer_id ? `/customers/${paper.customer_id}` : null
}
