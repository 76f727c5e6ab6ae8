/** Counts and sums of several list queries, e.g. of the tabs above a list; read again when a record was written. */
import { onActivated, onScopeDispose, shallowRef, watch, type Ref } from 'vue'
import { summarise, type ListQuery, type Summary } from '@/api/records'
import { onRecordChanged } from './table/changed'

/** What could not be counted is null. */
export type Counts = Record<string, Summary | null>

export function useCounts(record: string, queries: Ref<Record<string, ListQuery>>) {
  const counts = shallowRef<Counts>({})
  let round = 0
  async function load() {
    const mine = ++round
    await Promise.all(
      Object.entries(queries.value).map(async ([name, query]) => {
        const found = await summarise(record, query).catch(() => null)
        if (mine === round) counts.value = { ...counts.value, [name]: found }
      }),
    )
  }
  watch(queries, () => void load(), { immediate: true })
  onActivated(() => void load())
  onScopeDispose(onRecordChanged((changed) => changed === record && void load()))
  return { counts, reload: load }
}

/** "12", "10000+", or "–" where it is not known. */
export const countText = (summary: Summary | null | undefined): string =>
  summary ? `${summary.count.value}${summary.count.capped ? '+' : ''}` : '–'
