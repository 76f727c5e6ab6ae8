import type { Searchable } from './search'

/** A customer as the screens of the phone read it; money is decimal text, times are UTC. */
export interface Customer extends Searchable {
  owner_id?: string | null
  group_id?: string | null
  grade_id?: string | null
  category_id?: string | null
  sales_stage_id?: string | null
  lead_stage?: 'cold' | 'potential' | 'following' | 'existing'
  settlement_mode?: 'credit' | 'cash'
  credit_limit?: string | null
  debt_total?: string
  deposit_total?: string
  sales_total?: string
  enabled?: boolean
  /** Where its review is, where the company looks at new customers. */
  review?: 'asked' | 'agreed' | 'returned' | 'refused' | 'withdrawn' | null
  owned_since?: string | null
  /** When its owner claimed it from the pool; null where it came another way. */
  claimed_at?: string | null
  birth_date?: string | null
  birth_calendar?: 'solar' | 'lunar' | null
  visit_count?: number
  last_visit_at?: string | null
  last_contact_at?: string | null
  next_contact_at?: string | null
  geo_lat?: number | null
  geo_lng?: number | null
  /** The photo that said where the customer is; it stays when that was undone. */
  place_photo?: string | null
  created_at?: string
  created_by?: string | null
  remark?: string | null
}
