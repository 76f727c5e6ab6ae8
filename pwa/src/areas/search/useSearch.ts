/** What the box shows for what is typed: the company's answer, or without network what this device holds. */
import { computed, onScopeDispose, ref, shallowRef, watch, type Ref, type ShallowRef } from 'vue'
import { ApiError, request } from '@/api/client'
import type { RecordRow } from '@/api/records'
import { useSession } from '@/app/session'
import { syncStatus } from '@/app/status'
import { useEngine } from '@/sync/vue'
import type { Row } from '@/sync/types'
import { recordNamed } from '@/ui/declarations'
import { kinds, type SearchKind } from './kinds'
import { LocalSearch, type Found, type Pinyin } from './local'
import { wordsOf } from './ranking'

export interface Hit {
  row: RecordRow | Row
  found: { field: string; text: string } | null
}
export interface Group {
  kind: SearchKind
  hits: Hit[]
  more: boolean
  refs: Record<string, Record<string, string>>
}
interface Answer {
  words: string[]
  groups: {
    record: string
    items: RecordRow[]
    found: ({ field: string; text: string } | null)[]
    refs: Record<string, Record<string, string>>
    more: boolean
  }[]
  indexed: boolean
}

/** Rows of each type. */
const SHOWN = 6
/** Milliseconds after the last key. */
const PAUSE = 120

const here = new LocalSearch()
let dictionary: Pinyin | null = null

export function useSearch(query: Ref<string>) {
  const engine = useEngine()
  const session = useSession()
  const groups: ShallowRef<Group[]> = shallowRef([])
  const busy = ref(false)
  const error = shallowRef<unknown>(null)
  /** Where it was searched: at the company, or on this device alone. */
  const local = ref(false)
  const indexed = ref(true)
  const words = computed(() => wordsOf(query.value))
  const allowed = computed(() => kinds.filter(({ record }) => session.can(`${recordNamed(record).permission}.view`)))
  let running: AbortController | null = null
  let timer: ReturnType<typeof setTimeout> | undefined

  async function run(): Promise<void> {
    running?.abort()
    const mine = (running = new AbortController())
    if (words.value.length === 0) {
      groups.value = []
      busy.value = false
      error.value = null
      return
    }
    busy.value = true
    try {
      const found = await ask(query.value, mine.signal)
      if (mine.signal.aborted) return
      groups.value = found
      error.value = null
    } catch (cause) {
      if (mine.signal.aborted) return
      groups.value = []
      error.value = cause
    }
    busy.value = false
  }

  async function ask(q: string, signal: AbortSignal): Promise<Group[]> {
    if (navigator.onLine) {
      try {
        const answer = await request<Answer>('/api/search', { query: { q, limit: SHOWN }, signal, timeout: 10_000 })
        local.value = false
        indexed.value = answer.indexed
        return answer.groups.flatMap((group) => {
          const kind = allowed.value.find(({ record }) => record === group.record)
          const hits = group.items.map((row, at) => ({ row, found: group.found[at] ?? null }))
          return kind ? [{ kind, hits, more: group.more, refs: group.refs }] : []
        })
      } catch (cause) {
        if (!(cause instanceof ApiError) || !['offline', 'timeout'].includes(cause.code)) throw cause
      }
    }
    const found = await searchHere(q)
    local.value = true
    indexed.value = true
    return found
  }

  async function searchHere(q: string): Promise<Group[]> {
    // Only names in letters can need it; it is large, and on the device like the rest of the app.
    if (!dictionary && /[a-z]{2}/i.test(q))
      dictionary = await import('../customers/pinyin').then(
        ({ initials, whole }) => ({ initials, whole }),
        () => null,
      )
    const held = new Map<string, Row[]>()
    for (const { record } of allowed.value) held.set(record, await engine.rows(record))
    const customers = new Map((held.get('customer') ?? []).map((row) => [row.id, row]))
    const by = new Map<string, Found[]>()
    const beside = new Set<string>()
    // Customers last: they are found by their contacts and their owner, too.
    for (const kind of [...allowed.value].sort(
      (a, b) => Number(a.record === 'customer') - Number(b.record === 'customer'),
    )) {
      const found = here.search(kind, held.get(kind.record) ?? [], q, dictionary, beside)
      by.set(kind.record, found)
      if (kind.record === 'contact') for (const { row } of found) beside.add(String(row.customer_id))
      if (kind.record === 'employee') {
        const owners = new Set(found.map(({ row }) => row.id))
        for (const row of customers.values()) if (owners.has(String(row.owner_id))) beside.add(row.id)
      }
    }
    const names = Object.fromEntries([...customers.values()].map((row) => [row.id, String(row.name)]))
    return allowed.value.flatMap((kind) => {
      const found = by.get(kind.record) ?? []
      return found.length
        ? [{ kind, hits: found.slice(0, SHOWN), more: found.length > SHOWN, refs: { customer: names } }]
        : []
    })
  }

  watch(query, () => {
    clearTimeout(timer)
    if (words.value.length > 0) busy.value = true
    timer = setTimeout(() => void run(), PAUSE)
  })
  // What was searched on this device is searched at the company when the network is back.
  watch(
    () => syncStatus.value.online,
    () => void run(),
  )
  onScopeDispose(() => {
    clearTimeout(timer)
    running?.abort()
  })
  return { groups, busy, error, local, indexed, words }
}
