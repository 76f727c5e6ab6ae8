/** The documents of a customer: what the company has, what is on its way from here, and what lies on this device. */
import { computed, onScopeDispose, shallowRef, watch } from 'vue'
import { listRecords } from '@/api/records'
import type { BlobEntry, Row } from '@/sync/types'
import { useEngine, useRows } from '@/sync/vue'
import { storeFiles } from '@/ui/files'
import { onRecordChanged, recordChanged } from '@/ui/table/changed'
import { needsOf } from '../needs'

export interface Document {
  id: string
  name: string
  kind: string
  size: number
  sha256: string
  state: 'waiting' | 'ready' | 'refused'
  problem?: string | null
  looks?: string | null
  note?: string | null
  category_id?: string | null
  created_at: string
  created_by: string
  deleted_at?: string | null
  [field: string]: unknown
}

/** Where the bytes are: on their way (`sent` of them are at the company), on this device too, or only at the company. */
export type Place = { at: 'sending'; sent: number } | { at: 'waiting' } | { at: 'here' } | { at: 'company' }

/** More than this of one customer is looked for in the list of all documents. */
const MOST = 100

/** `online`: ask the company as well, where this device may not hold the customer (the desk). */
export function useDocuments(customer: () => string, online = false) {
  const engine = useEngine()
  const local = useRows<Row & Document>('attachment', { index: 'customer_id', value: customer })
  const remote = shallowRef<Document[] | null>(null)
  const problem = shallowRef<unknown>(null)
  const blobs = shallowRef(new Map<string, BlobEntry>())
  /** What has left this device, which may not hold it, because the company has it now: shown until that was asked. */
  const left = shallowRef<Document[]>([])
  let round = 0

  async function ask() {
    if (!online) return
    const mine = ++round
    try {
      const query = { customer_id: customer(), deleted_at__empty: 'true', sort: '-created_at', limit: MOST }
      const page = await listRecords('attachment', query)
      if (mine !== round) return
      remote.value = page.items as unknown as Document[]
      left.value = []
      problem.value = null
    } catch (error) {
      if (mine === round) problem.value = error
    }
  }
  const stop = engine.live(
    [{ type: '$outbox' }],
    () => engine.photoItems(),
    (found) => {
      const before = blobs.value
      blobs.value = new Map(found.filter(({ file }) => file).map((blob) => [blob.photo_id, blob]))
      // What this device has just handed in is news for the list of the company.
      const arrived = [...blobs.value.values()].some(
        ({ photo_id, state }) => state === 'done' && (before.get(photo_id)?.state ?? 'done') !== 'done',
      )
      if (arrived) recordChanged('attachment', null)
    },
  )
  onScopeDispose(stop)
  onScopeDispose(onRecordChanged((record) => void (record === 'attachment' && ask())))
  watch(
    customer,
    () => {
      remote.value = null
      left.value = []
      void ask()
    },
    { immediate: true },
  )
  watch(local, (now, before) => {
    if (!online || !now || !before) return
    const here = new Set(now.map(({ id }) => id))
    const gone = before.filter((row) => row.customer_id === customer() && !here.has(row.id))
    if (gone.length === 0) return
    left.value = [...left.value, ...gone]
    recordChanged('attachment', null)
  })

  const documents = computed<Document[] | undefined>(() => {
    const found = new Map<string, Document>([...left.value, ...(remote.value ?? [])].map((row) => [row.id, row]))
    if (online && remote.value === null && problem.value === null) return undefined
    if (local.value === undefined) return undefined
    for (const row of local.value) found.set(row.id, row)
    return [...found.values()]
      .filter((row) => !row.deleted_at)
      .sort((a, b) => (a.created_at < b.created_at ? 1 : a.created_at > b.created_at ? -1 : a.id < b.id ? 1 : -1))
  })

  function placeOf(row: Document): Place {
    const blob = blobs.value.get(row.id)
    if (!blob) return { at: 'company' }
    if (blob.state === 'done') return { at: 'here' }
    return blob.state === 'sending' && (blob.sent ?? 0) > 0
      ? { at: 'sending', sent: blob.sent ?? 0 }
      : { at: 'waiting' }
  }

  /** Stores files for sending; answers what is wrong with those that cannot be taken. */
  async function add(files: Iterable<File>): Promise<string[]> {
    const owner = await engine.get('customer', customer()).catch(() => undefined)
    return (await storeFiles(files, { customer_id: customer() }, { needs: needsOf(owner) })).complaints
  }

  return { documents, problem, placeOf, add, reload: ask }
}
