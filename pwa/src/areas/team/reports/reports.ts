/** The team's reports as mail: what nobody has commented and what this person has not read come first. */
import { computed, ref, shallowRef, type ComputedRef, type ShallowRef } from 'vue'
import type { Engine } from '@/sync/engine'
import { useEngine } from '@/sync/vue'
import { addDays, today } from '@/ui/format'
import { useAnswer, type Answer } from '../answers'
import type { Page, ReportRow } from '../types'

/** Days back that still count as mail. */
const DAYS = 14
const READ = 'team.read_reports'
const MOST_READ = 500

/** What was opened on this device; one set for all screens. */
const read = shallowRef<ReadonlySet<string>>(new Set())
const owner = ref<string | null>(null)

async function loadRead(engine: Engine): Promise<void> {
  const me = engine.me?.id ?? ''
  if (owner.value === me) return
  owner.value = me
  const kept = await engine.keptAnswer<string[]>(READ).catch(() => undefined)
  read.value = new Set(kept?.value ?? [])
}

export interface Reports {
  answer: Answer<Page<ReportRow>>
  /** Uncommented first, newest first within. */
  rows: ComputedRef<ReportRow[]>
  isRead(id: string): boolean
  markRead(id: string): void
  /** Neither opened here nor commented by anybody. */
  unread: ComputedRef<number>
  read: ShallowRef<ReadonlySet<string>>
}

export function useReports(): Reports {
  const engine = useEngine()
  void loadRead(engine)
  const answer = useAnswer<Page<ReportRow>>(
    () => ({
      path: '/api/work-reports',
      query: { report_date__ge: addDays(today(), -DAYS), author_id__ne: engine.me?.id, limit: 200 },
    }),
    ['report', 'work_report', 'report_comment'],
  )
  const isRead = (id: string) => read.value.has(id)
  const rows = computed(() => {
    const items = answer.data.value?.items ?? []
    return [...items.filter((row) => row.comment_count === 0), ...items.filter((row) => row.comment_count > 0)]
  })
  return {
    answer,
    rows,
    isRead,
    read,
    markRead(id) {
      if (read.value.has(id)) return
      read.value = new Set([...read.value, id].slice(-MOST_READ))
      void engine.keepAnswer(READ, [...read.value]).catch((error: unknown) => console.warn(error))
    },
    unread: computed(() => rows.value.filter((row) => row.comment_count === 0 && !isRead(row.id)).length),
  }
}
