/** One visit with its photos, and what it still lacks. */
import { computed, type ComputedRef, type MaybeRefOrGetter, toValue } from 'vue'
import { codeOf, type PhotoKind, progress } from '@/camera/kinds'
import type { Row } from '@/sync/types'
import { useRow, useRows } from '@/sync/vue'
import { isShown } from '@/ui/arrangedForm'
import { isWithdrawn } from './standing'
import { useVisitTypes } from './types'

export interface Visit extends Row {
  customer_id: string
  visitor_id: string
  visit_type_id?: string | null
  state: 'planned' | 'open' | 'done' | 'dropped'
  planned_on?: string | null
  /** Where it stands in the route of its day, from 1. */
  plan_order?: number | null
  plan_note?: string | null
  checked_in_at?: string | null
  checked_out_at?: string | null
  distance?: number | null
  in_accuracy?: number | null
  duration_seconds?: number | null
  visited_person?: string | null
  contact_id?: string | null
  sales_stage_id?: string | null
  content?: string | null
  next_contact_at?: string | null
  evidence?: string
  photo_count?: number
}

export interface VisitPhoto extends Row {
  kind: string
  kind_id?: string | null
  note?: string | null
  source: 'camera' | 'gallery'
  taken_at: string
  taken_by?: string
  customer_id?: string
  lat?: number | null
  lng?: number | null
  accuracy?: number | null
  distance?: number | null
  code?: string | null
  verdict: string
  overruled_to?: string | null
  overruled_by?: string | null
  overrule_note?: string | null
  reasons?: { code: string; detail?: Record<string, unknown> }[] | null
  time_certainty?: string | null
  withdrawn_at?: string | null
}

/** What is written of a visit, in the product's order. */
export const NOTES = ['visited_person', 'sales_stage_id', 'content', 'next_contact_at'] as const

/** The things a visit should have; the order is that of the moves. */
export type Missing = 'photos' | 'person' | 'stage' | 'content'

export function missingOf(
  visit: Visit,
  photos: readonly { kind: string; kind_id?: string | null }[],
  kinds: readonly PhotoKind[],
): Missing[] {
  const missing: Missing[] = []
  const filed = photos.map((photo) => ({ kind: codeOf(photo) }))
  if (progress(kinds, filed).some((kind) => kind.missing > 0)) missing.push('photos')
  if (!visit.visited_person && isShown('visit', 'visited_person')) missing.push('person')
  if (!visit.sales_stage_id && isShown('visit', 'sales_stage_id')) missing.push('stage')
  if (!visit.content && isShown('visit', 'content')) missing.push('content')
  return missing
}

export function useVisit(id: MaybeRefOrGetter<string>): {
  visit: ReturnType<typeof useRow<Visit>>
  photos: ComputedRef<VisitPhoto[]>
  customer: ReturnType<typeof useRow>
  /** Which photos this visit's type asks for. */
  kinds: ComputedRef<PhotoKind[]>
  missing: ComputedRef<Missing[]>
} {
  const { kindsOf } = useVisitTypes()
  const visit = useRow<Visit>('visit', id)
  const customer = useRow('customer', () => visit.value?.customer_id)
  const all = useRows<VisitPhoto>('photo', {
    index: 'visit_id',
    value: () => toValue(id),
    sort: (a, b) => (a.taken_at < b.taken_at ? -1 : 1),
  })
  const photos = computed(() => (all.value ?? []).filter((photo) => !isWithdrawn(photo)))
  const kinds = computed(() => kindsOf(visit.value?.visit_type_id))
  const missing = computed(() => (visit.value ? missingOf(visit.value, photos.value, kinds.value) : []))
  return { visit, photos, customer, kinds, missing }
}
