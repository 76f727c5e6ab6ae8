/** A setting of the company that is written as a whole, with the way back. */
import { computed, shallowRef } from 'vue'
import { listRecords, type RecordRow } from '@/api/records'
import { run } from '@/ui/run'
import { showUndo } from '@/ui/undo'
import { useAttempt } from '@/ui/useAttempt'

/** `empty`: what it is without a word of the company. */
export function useSetting<T extends object>(field: string, empty: T) {
  const row = shallowRef<RecordRow | null>(null)
  const error = shallowRef<unknown>(null)
  const { problem, busy, attempt } = useAttempt('company')
  const saved = computed(() => (row.value?.[field] as T | null) ?? empty)

  async function load(): Promise<void> {
    try {
      row.value = (await listRecords('company', { limit: 1 })).items[0] ?? null
      error.value = null
    } catch (found) {
      error.value = found
    }
  }
  void load()
  async function write(value: T): Promise<void> {
    const set = { [field]: [row.value![field] ?? null, Object.keys(value).length ? value : null] }
    await run('company.edit', { id: row.value!.id, set }, { quiet: true })
    await load()
  }
  async function save(value: T, said: string): Promise<void> {
    const before = saved.value
    if (!(await attempt(() => write(value)))) return
    showUndo({ text: said, undo: async () => void (await attempt(() => write(before))) })
  }
  return { ready: computed(() => row.value !== null), saved, error, problem, busy, load, save }
}
