/** One visit with its photos, and what it still lacks. */
import { computed, type ComputedRef, type MaybeRefOrGetter, toValue } from 'vue'
import { DEFAULT_KINDS, progress } from '@/camera/kinds'
import type { Row } from '@/sync/types'
import { useRow, useRows } from '@/sync/vue'

export interface Visit extends Row {
  customer_id: string
  visitor_id: string
  state: 'planned' | 'open' | 'done' | 'dropped'
  planned_on?: string | null
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
  note?: string | null
  source: 'camera' | 'gallery'
  taken_at: string
  verdict: string
  overruled_to?: string | null
}

/** A photo that was taken stays with the company; one the rep does not want is marked by this sign in its note. */
export const WITHDRAWN = '✕'
export const isWithdrawn = (photo: Row): boolean => String(photo.note ?? '').startsWith(WITHDRAWN)

/** The things a visit should have; the order is that of the moves. */
export type Missing = 'photos' | 'person' | 'stage' | 'content'

export function missingOf(visit: Visit, photos: readonly { kind: string }[]): Missing[] {
  const missing: Missing[] = []
  if (progress(DEFAULT_KINDS, photos).some((kind) => kind.missing > 0)) missing.push('photos')
  if (!visit.visited_person) missing.push('person')
  if (!visit.sales_stage_id) missing.push('stage')
  if (!visit.content) missing.push('content')
  return missing
}

export function useVisit(id: MaybeRefOrGetter<string>): {
  visit: ReturnType<typeof useRow<Visit>>
  photos: ComputedRef<VisitPhoto[]>
  customer: ReturnType<typeof useRow>
  missing: ComputedRef<Missing[]>
} {
  const visit = useRow<Visit>('visit', id)
  const customer = useRow('customer', () => visit.value?.customer_id)
  const all = useRows<VisitPhoto>('photo', {
    index: 'visit_id',
    value: () => toValue(id),
    sort: (a, b) => (a.taken_at < b.taken_at ? -1 : 1),
  })
  const photos = computed(() => (all.value ?? []).filter((photo) => !isWithdrawn(photo)))
  const missing = computed(() => (visit.value ? missingOf(visit.value, photos.value) : []))
  return { visit, photos, customer, missing }
}
