/** Files by their ids: as this device has them, else as the company tells. */
import { onScopeDispose, shallowRef, watch } from 'vue'
import { getRecord } from '@/api/records'
import { useEngine } from '@/sync/vue'

export interface FileRow {
  id: string
  /** Null while nobody can say. */
  name: string | null
  [field: string]: unknown
}

/** Those that are there and were not taken away, in their order. */
export function useFiles(ids: () => readonly string[]) {
  const engine = useEngine()
  const files = shallowRef<FileRow[]>([])
  /** Asked once a file: what is not on this device does not change before one's eyes. */
  const told = new Map<string, FileRow | null>()

  async function one(id: string): Promise<FileRow | null> {
    const row = await engine.get('attachment', id).catch(() => undefined)
    if (row) return row.deleted_at ? null : { ...row, name: String(row.name) }
    if (!told.has(id) && navigator.onLine) {
      const found = await getRecord('attachment', id).catch(() => null)
      told.set(id, found && !found.deleted_at ? { ...found, name: String(found.name) } : null)
    }
    return told.has(id) ? told.get(id)! : { id, name: null }
  }
  let round = 0
  async function read() {
    const mine = ++round
    const found = await Promise.all(ids().map(one))
    if (mine === round) files.value = found.flatMap((file) => file ?? [])
  }
  watch(ids, read, { immediate: true })
  onScopeDispose(engine.onChanges((changes) => void (changes.has('attachment') && read())))
  return files
}
