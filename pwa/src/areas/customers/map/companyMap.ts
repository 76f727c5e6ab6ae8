/** The company's customers in cells, for what is seen of the map; the last ones stay while the next are on their way. */
import { onScopeDispose, ref, shallowRef, watch } from 'vue'
import { request } from '@/api/client'
import type { ListQuery } from '@/api/records'
import type { components } from '@/generated/api'
import { onRecordChanged } from '@/ui/table/changed'
import type { Bounds } from '../../team/map/grid'
import type { MapView } from '../../team/map/points'
import { boxOf, zoomOf } from './cells'

export type CompanyMap = components['schemas']['CustomerMap']

/** A box of the map as filters of the list. */
export const within = ({ south, north, west, east }: Bounds): ListQuery => ({
  geo_lat__ge: south,
  geo_lat__le: north,
  geo_lng__ge: west,
  geo_lng__le: east,
})

/** `query`: the list's, null while it is not known. `view`: null until the map has been drawn: then all are asked for. */
export function useCompanyMap(query: () => ListQuery | null, view: () => MapView | null) {
  const data = shallowRef<CompanyMap | null>(null)
  const error = shallowRef<unknown>(null)
  const loading = ref(false)
  let running: AbortController | null = null

  async function load(): Promise<void> {
    const list = query()
    if (!list) return
    running?.abort()
    const mine = (running = new AbortController())
    loading.value = true
    try {
      const seen = view()
      const zoom = seen ? zoomOf(seen) : 5
      const part = seen ? within(boxOf(seen, zoom)) : {}
      const found = await request<CompanyMap>('/api/customers/map', {
        query: { ...list, ...part, zoom },
        signal: mine.signal,
      })
      if (mine.signal.aborted) return
      data.value = found
      error.value = null
    } catch (problem) {
      if (!mine.signal.aborted) error.value = problem
    } finally {
      if (running === mine) loading.value = false
    }
  }
  watch([() => JSON.stringify(query()), view], () => void load(), { immediate: true })
  const stop = onRecordChanged((record) => record === 'customer' && void load())
  const again = () => void load()
  addEventListener('online', again)
  onScopeDispose(() => {
    running?.abort()
    stop()
    removeEventListener('online', again)
  })
  return { data, error, loading, reload: load }
}
