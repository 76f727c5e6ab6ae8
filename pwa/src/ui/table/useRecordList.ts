/** The rows of a list query: page after page as one scrolls, with count and totals of the whole query. */
import { onScopeDispose, ref, shallowRef, watch, type Ref } from 'vue'
import { ApiError } from '@/api/problem'
import { getRecord, listRecords, summarise, type ListQuery, type RecordRow, type Summary } from '@/api/records'
import { onRecordChanged } from './changed'

const PAGE = 100

export function useRecordList(record: string, query: Ref<ListQuery>) {
  const rows = shallowRef<RecordRow[]>([])
  const refs = shallowRef<Record<string, Record<string, string>>>({})
  const summary = shallowRef<Summary | null>(null)
  const loading = ref(true)
  /** Shown instead of rows when the first page failed, below them when a later one did. */
  const error = shallowRef<unknown>(null)
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
      rows.value = first ? page.items : [...rows.value, ...page.items]
      const merged = first ? {} : { ...refs.value }
      for (const [type, names] of Object.entries(page.refs)) merged[type] = { ...merged[type], ...names }
      refs.value = merged
      after = page.next
    } catch (problem) {
      if (mine.signal.aborted) return
      if (first) rows.value = []
      error.value = problem
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
      if (changed !== record) return
      if (id === null || !rows.value.some((row) => row.id === id)) return reload()
      try {
        const fresh = await getRecord(record, id)
        rows.value = rows.value.map((row) => (row.id === id ? fresh : row))
      } catch (problem) {
        if (problem instanceof ApiError && problem.status === 404)
          rows.value = rows.value.filter((row) => row.id !== id)
      }
    }),
  )
  onScopeDispose(() => running?.abort())

  return { rows, refs, summary, loading, error, reload, more }
}
