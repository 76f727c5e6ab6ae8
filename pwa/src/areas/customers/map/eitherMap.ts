/**
 * The map of the phone: the customers that this device holds; for whoever may see more, those of the company, as long as
 * it answers. Going over from one to the other is only another source of marks: place, zoom and filters stay.
 */
import { computed, type ComputedRef } from 'vue'
import type { ListQuery } from '@/api/records'
import { syncStatus } from '@/app/status'
import { recordNamed } from '@/ui/declarations'
import { serverQuery } from '@/ui/table/state'
import { accepts } from '@/ui/views/asked'
import type { MapView } from '../../team/map/points'
import type { Customer } from '../types'
import { queryOf } from '../views'
import { boxOf, cellsOf, extentOf, hasPlace, zoomOf, type CustomerCell, type Shown } from './cells'
import { shownOf, useCompanyMap } from './companyMap'

/** Milliseconds after which a network that lets nothing through counts as none. */
const PATIENCE = 10_000

interface Asked {
  /** Whether this person may see more than the device holds. */
  wider: () => boolean
  filters: () => Record<string, string>
  /** The customers of this device; undefined until they have been read. */
  held: () => readonly Customer[] | undefined
  view: () => MapView | null
  me: string
}

export function useEitherMap({ wider, filters, held, view, me }: Asked) {
  const declared = recordNamed('customer')
  const query = computed((): ListQuery => {
    const state = { q: '', sort: '', filters: filters(), columns: null }
    return serverQuery(state, declared, queryOf('all', me), me)
  })
  const asks = computed(() => wider() && syncStatus.value.online)
  const company = useCompanyMap(() => (asks.value ? query.value : null), view, PATIENCE)

  const wanted = computed(() => {
    const { accept } = accepts(filters(), declared.fields, me)
    return held()?.filter(accept)
  })
  const placed = computed(() => wanted.value?.filter(hasPlace) ?? [])
  const extent = computed(() => extentOf(placed.value))
  /** Those of this device in cells, with their rows. */
  const here: ComputedRef<CustomerCell[]> = computed(() => {
    const seen = view()
    if (!seen) return []
    const zoom = zoomOf(seen)
    return cellsOf(placed.value, zoom, boxOf(seen, zoom))
  })

  const answered = computed(() => (asks.value && !company.error.value ? company.data.value : null))
  const source = computed(() => (answered.value ? ('company' as const) : ('device' as const)))
  /** Null until it is known what to begin with: one's own customers first and the others a moment later would jump. */
  const shown = computed((): Shown | null => {
    if (answered.value) return shownOf(answered.value)
    const begins = asks.value && !company.error.value && view() === null
    if (begins || !wanted.value) return null
    return {
      cells: here.value,
      placed: placed.value.length,
      unplaced: wanted.value.length - placed.value.length,
      extent: extent.value,
    }
  })
  return {
    shown,
    source,
    here,
    query,
    loading: company.loading,
    /** Why it shows only what the device holds; null also where there is no network at all. */
    error: company.error,
    reload: company.reload,
  }
}
