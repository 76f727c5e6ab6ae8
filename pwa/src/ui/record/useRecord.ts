/** One row as the server has it, read again when it was written here, with the time it was read. */
import { onScopeDispose, ref, shallowRef, watch, type Ref } from 'vue'
import { ApiError } from '@/api/problem'
import { getRecord, type RecordRow } from '@/api/records'
import { useEngine } from '@/sync/vue'
import { onRecordChanged } from '../table/changed'
import { baseOf } from '../tables'

export interface ShownRecord extends RecordRow {
  /** Names of what the row refers to: record → id → name. */
  refs?: Record<string, Record<string, string>>
}

export function useRecord(record: string, id: Ref<string>) {
  const row = shallowRef<ShownRecord | null>(null)
  const error = shallowRef<unknown>(null)
  const loading = ref(true)
  /** The row is this device's copy, not the server's present state. */
  const local = ref(false)
  let running: AbortController | null = null

  async function load(): Promise<void> {
    running?.abort()
    const mine = new AbortController()
    running = mine
    loading.value = true
    try {
      const found = (await getRecord(record, id.value, mine)) as ShownRecord
      if (mine.signal.aborted) return
      row.value = found
      local.value = false
      error.value = null
    } catch (problem) {
      if (mine.signal.aborted) return
      const offline = problem instanceof ApiError && problem.offline
      const kept = offline
        ? await useEngine()
            .get(baseOf(record), id.value)
            .catch(() => undefined)
        : undefined
      if (kept) row.value = kept as unknown as ShownRecord
      local.value = offline && row.value?.id === id.value
      error.value = local.value ? null : problem
    } finally {
      if (running === mine) loading.value = false
    }
  }

  watch(
    id,
    () => {
      if (row.value?.id !== id.value) row.value = null
      void load()
    },
    { immediate: true },
  )
  const stop = onRecordChanged((changed, changedId) => {
    if (changed === baseOf(record) && (changedId === null || changedId === id.value)) void load()
  })
  const online = () => local.value && void load()
  addEventListener('online', online)
  onScopeDispose(() => {
    stop()
    removeEventListener('online', online)
    running?.abort()
  })
  return { row, error, loading, local, reload: load }
}
