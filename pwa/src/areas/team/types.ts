/** What the server says of a team's day (`/api/team/…`). Money is decimal text, times are UTC, metres and seconds. */

/** A list request that reproduces a number. */
export interface Link {
  path: string
  params: Record<string, string>
}

/** Degrees WGS-84. */
export interface Position {
  lat: number
  lng: number
  at: string
}

export interface Numbers {
  planned: number
  planned_done: number
  visits: number
  valid_visits: number
  /** 0 to 1; null without visits. */
  valid_rate: number | null
  /** That ended with fewer photos than their type requires. */
  incomplete_visits: number
  new_customers: number
  orders: number
  order_amount: string
  payments: number
  payment_amount: string
  reports: number
  suspect_photos: number
}

/** The numbers that have a list behind them. */
export const behind = [
  'visits',
  'valid_visits',
  'incomplete_visits',
  'planned',
  'planned_done',
  'new_customers',
  'contacts',
  'orders',
  'payments',
  'reports',
  'suspect_photos',
] as const
export type Behind = (typeof behind)[number]
export type Links = Partial<Record<Behind, Link>>

export interface RepDay {
  employee_id: string
  name: string
  department_id: string
  numbers: Numbers
  links: Links
  report_id: string | null
  report_comments: number
  position: Position | null
  last_seen_at: string | null
}

export interface TeamDay {
  day: string
  reps: RepDay[]
  totals: Numbers
  links: Links
}

export type EventKind = 'check_in' | 'check_out' | 'gap' | 'photo' | 'order' | 'payment' | 'customer' | 'planned'

/** A machine-readable reason of a verdict; `detail` has the numbers for the label `reason.<code>`. An accusation makes
 * a photo suspect, a doubt at most unverified, a note changes nothing. */
export interface Reason {
  code: string
  effect: 'accuse' | 'doubt' | 'note'
  weight: number
  detail: Record<string, unknown>
}

export interface DayEvent {
  kind: EventKind
  at: string | null
  id?: string
  customer_id?: string
  customer?: string
  visit_id?: string
  lat?: number
  lng?: number
  accuracy?: number
  distance?: number
  seconds?: number
  state?: string
  evidence?: string
  score?: number
  /** How many required photos the visit lacked when it ended. */
  missing?: number
  /** A built-in kind, or the id of the company's own. */
  photo_kind?: string
  /** Its taker set it aside, e.g. took it again. */
  withdrawn?: boolean
  verdict?: string
  overruled_to?: string
  reasons?: Reason[]
  number?: string
  amount?: string
  text?: string
}

export interface PersonDay {
  day: string
  employee_id: string
  name: string
  events: DayEvent[]
  links: Links
}

/** A page of any list. */
export interface Page<T> {
  items: T[]
  next: string | null
  refs: Record<string, Record<string, string>>
}

export interface VisitRow {
  id: string
  customer_id: string
  visitor_id: string
  state: string
  planned_on: string | null
  checked_in_at: string | null
  checked_out_at: string | null
  in_lat: number | null
  in_lng: number | null
  distance: number | null
  duration_seconds: number | null
  evidence: string
  photo_count: number
  visited_person: string | null
  content: string | null
}

export interface PhotoRow {
  id: string
  customer_id: string
  visit_id: string | null
  kind: string
  kind_id: string | null
  source: string
  note: string | null
  taken_by: string
  taken_at: string | null
  lat: number | null
  lng: number | null
  accuracy: number | null
  distance: number | null
  uploaded_at: string | null
  withdrawn_at: string | null
  verdict: string
  score: number | null
  reasons: Reason[] | null
  time_certainty: string | null
  overruled_to: string | null
  overruled_by: string | null
  overrule_note: string | null
  refs?: Record<string, Record<string, string>>
}

export interface ReportRow {
  id: string
  kind: string
  report_date: string
  period_start: string
  period_end: string
  author_id: string
  summary: string
  next_plan: string | null
  next_customers: string[] | null
  report_to: string[] | null
  category_id: string | null
  asks: boolean
  review?: string | null
  counts: Record<string, unknown> | null
  submitted_at: string | null
  comment_count: number
}

/** Who has handed in a kind of report in a period; those without one first. */
export interface ReportRound {
  kind: string
  start: string
  end: string
  over: boolean
  asked_for: boolean
  missing: number
  people: {
    employee_id: string
    name: string
    report_id: string | null
    submitted_at: string | null
    comment_count: number
    read: boolean
  }[]
}

export interface CommentRow {
  id: string
  report_id: string
  commenter_id: string
  text: string
  created_at: string
}

/** What counts: a manager's word before the server's. */
export const verdictOf = (photo: { verdict?: string; overruled_to?: string | null }): string =>
  photo.overruled_to ?? photo.verdict ?? 'pending'
