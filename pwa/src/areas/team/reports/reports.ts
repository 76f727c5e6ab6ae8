/**
 * The team's reports as mail: what asks for an instruction, what nobody has commented and what this person has not read
 * come first. What was read is noted at the company, so that it is read on all devices; what is known here counts at once.
 */
import { computed, ref, shallowRef, type ComputedRef, type ShallowRef } from 'vue'
import type { Engine } from '@/sync/engine'
import { useEngine } from '@/sync/vue'
import { addDays, today } from '@/ui/format'
import { useAnswer, type Answer } from '../answers'
import type { Page, ReportRow } from '../types'

/** Days back that still count as mail. */
const DAYS = 14
/** Days back for which it is asked what was read: reports of a year come late. */
const MARK_DAYS = 60
const READ = 'team.read_reports'
const MOST_READ = 500

/** What was opened on this device, also without network; one set for all screens. */
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
  /** Uncommented first, of these what asks for an instruction; newest first within. */
  rows: ComputedRef<ReportRow[]>
  isRead(id: string): boolean
  markRead(id: string): void
  /** Neither read by this person nor commented by anybody. */
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
  const marks = useAnswer<Page<{ report_id: string }>>(
    () => ({
      path: '/api/report-readers',
      query: { reader_id: engine.me?.id, read_at__ge: `${addDays(today(), -MARK_DAYS)}T00:00:00Z`, limit: 200 },
      pages: 5,
    }),
    ['report', 'report_reader', 'report_comment'],
  )
  const marked = computed(() => new Set((marks.data.value?.items ?? []).map((one) => one.report_id)))
  const isRead = (id: string) => read.value.has(id) || marked.value.has(id)
  const rows = computed(() => {
    const items = answer.data.value?.items ?? []
    const open = items.filter((row) => row.comment_count === 0)
    return [
      ...open.filter((row) => row.asks),
      ...open.filter((row) => !row.asks),
      ...items.filter((row) => row.comment_count > 0),
    ]
  })
  return {
    answer,
    rows,
    isRead,
    read,
    markRead(id) {
      if (read.value.has(id)) return
      if (!marked.value.has(id))
        void engine.submit('report.read', { ids: [id] }).catch((error: unknown) => console.warn(error))
      read.value = new Set([...read.value, id].slice(-MOST_READ))
      void engine.keepAnswer(READ, [...read.value]).catch((error: unknown) => console.warn(error))
    },
    unread: computed(() => rows.value.filter((row) => row.comment_count === 0 && !isRead(row.id)).length),
  }
}
