/** The company's customers in cells, for what is seen of the map; the last ones stay while the next are on their way. */
import { onScopeDispose, ref, shallowRef, watch } from 'vue'
import { request } from '@/api/client'
import type { ListQuery } from '@/api/records'
import type { components } from '@/generated/api'
import { onRecordChanged } from '@/ui/table/changed'
import type { Bounds } from '../../team/map/grid'
import type { MapView } from '../../team/map/points'
import { boxOf, markOfVisit, zoomOf, type Shown } from './cells'

export type CompanyMap = components['schemas']['CustomerMap']

/** A box of the map as filters of the list. */
export const within = ({ south, north, west, east }: Bounds): ListQuery => ({
  geo_lat__ge: south,
  geo_lat__le: north,
  geo_lng__ge: west,
  geo_lng__le: east,
})

/** The company's answer as the map draws it. */
export function shownOf({ cells, whole }: CompanyMap): Shown {
  const { placed, unplaced, south, west, north, east } = whole
  return {
    cells: cells.map((cell) => ({
      ...cell,
      id: cell.row ? String(cell.row.id) : `${cell.south} ${cell.west} ${cell.count}`,
      name: cell.row ? String(cell.row.name) : null,
      mark: cell.row ? markOfVisit(cell.row) : 'many',
    })),
    placed,
    unplaced,
    extent: south == null || west == null || north == null || east == null ? null : { south, west, north, east },
  }
}

/**
 * `query`: the list's; null: the company is not asked, and what it has said is forgotten. `view`: null until the map has
 * been drawn: then all are asked for. `timeout` in milliseconds.
 */
export function useCompanyMap(query: () => ListQuery | null, view: () => MapView | null, timeout?: number) {
  const data = shallowRef<CompanyMap | null>(null)
  const error = shallowRef<unknown>(null)
  const loading = ref(false)
  let running: AbortController | null = null

  async function load(): Promise<void> {
    const list = query()
    running?.abort()
    if (!list) {
      data.value = null
      error.value = null
      loading.value = false
      return
    }
    const mine = (running = new AbortController())
    loading.value = true
    try {
      const seen = view()
      const zoom = seen ? zoomOf(seen) : 5
      const part = seen ? within(boxOf(seen, zoom)) : {}
      const found = await request<CompanyMap>('/api/customers/map', {
        query: { ...list, ...part, zoom },
        signal: mine.signal,
        timeout,
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
