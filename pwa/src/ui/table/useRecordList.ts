/** The rows of a list query: page after page as one scrolls, with count and totals of the whole query. */
import { computed, onScopeDispose, ref, shallowRef, watch, type Ref } from 'vue'
import { ApiError } from '@/api/problem'
import { listRecords, summarise, type ListQuery, type RecordPage, type RecordRow, type Summary } from '@/api/records'
import { useSession } from '@/app/session'
import { syncStatus } from '@/app/status'
import { baseOf } from '../tables'
import { onRecordChanged } from './changed'

const PAGE = 100
/** First pages read in this tab, newest last: what a list shows when the network is away. Gone with the tab. */
const MOST_KEPT = 40
const kept = new Map<string, { page: RecordPage; at: Date }>()
function keep(key: string, page: RecordPage): void {
  kept.delete(key)
  kept.set(key, { page, at: new Date() })
  if (kept.size > MOST_KEPT) kept.delete(kept.keys().next().value!)
}

export function useRecordList(record: string, query: Ref<ListQuery>) {
  const rows = shallowRef<RecordRow[]>([])
  const refs = shallowRef<Record<string, Record<string, string>>>({})
  const summary = shallowRef<Summary | null>(null)
  const loading = ref(true)
  /** Shown instead of rows when the first page failed, below them when a later one did. */
  const error = shallowRef<unknown>(null)
  const readAt = shallowRef<Date | null>(null)
  const old = ref(false)
  /** Without network: when what is shown was read. */
  const staleSince = computed(() => (old.value || !syncStatus.value.online ? readAt.value : null))
  const keyOf = () => `${useSession().me?.id} ${record} ${JSON.stringify(query.value)}`
  let after: string | null = null
  let running: AbortController | null = null

  async function load(first: boolean): Promise<void> {
    if (first) running?.abort()
    else if (loading.value || after === null) return
    const mine = new AbortController()
    running = mine
    loading.value = true
    error.value = null
    try {
      const page = await listRecords(record, { ...query.value, limit: PAGE, after: first ? null : after }, mine)
      if (mine.signal.aborted) return
      if (first) keep(keyOf(), page)
      old.value = false
      if (first) readAt.value = new Date()
      rows.value = first ? page.items : [...rows.value, ...page.items]
      const merged = first ? {} : { ...refs.value }
      for (const [type, names] of Object.entries(page.refs)) merged[type] = { ...merged[type], ...names }
      refs.value = merged
      after = page.next
    } catch (problem) {
      if (mine.signal.aborted) return
      const earlier = first && problem instanceof ApiError && problem.offline ? kept.get(keyOf()) : undefined
      if (earlier) {
        rows.value = earlier.page.items
        refs.value = earlier.page.refs
        after = null
        readAt.value = earlier.at
        old.value = true
      } else {
        if (first) rows.value = []
        error.value = problem
      }
    } finally {
      if (running === mine) loading.value = false
    }
    if (first) void count(mine)
  }

  /** The foot comes after the rows: counting is the slower half. */
  async function count(mine: AbortController): Promise<void> {
    try {
      const found = await summarise(record, query.value, mine)
      if (!mine.signal.aborted) summary.value = found
    } catch (problem) {
      if (!(problem instanceof ApiError)) throw problem
      summary.value = null
    }
  }

  const reload = () => load(true)
  const more = () => load(false)

  watch(query, (next, before) => JSON.stringify(next) !== JSON.stringify(before) && void reload())
  void reload()

  onScopeDispose(
    onRecordChanged(async (changed, id) => {
      if (changed !== baseOf(record)) return
      if (id === null || !rows.value.some((row) => row.id === id)) return reload()
      try {
        // Asked with the list's own filters: an order that was shipped leaves the list of those to ship.
        const page = await listRecords(record, { ...query.value, id, limit: 1 })
        const fresh = page.items[0]
        rows.value = rows.value.flatMap((row) => (row.id !== id ? [row] : fresh ? [fresh] : []))
        void count(running ?? new AbortController())
      } catch (problem) {
        if (!(problem instanceof ApiError)) throw problem
      }
    }),
  )
  const online = () => (old.value || error.value) && void reload()
  addEventListener('online', online)
  onScopeDispose(() => removeEventListener('online', online))
  onScopeDispose(() => running?.abort())

  return { rows, refs, summary, loading, error, staleSince, reload, more }
}
