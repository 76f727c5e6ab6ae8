/** Files on their way in and out: documents of customers, and own fields of files. */
import { inject, provide, type InjectionKey } from 'vue'
import { responseOf, saveFile } from '@/api/client'
import { sha256Hex } from '@/camera/capture'
import type { SubmitOptions } from '@/sync/actions'
import { submit, useEngine } from '@/sync/vue'
import { cleanName, refusal } from './fileNames'
import { errorText } from './labels'

/** Whose a new file will be: a customer's, or (null) one's own, for own fields of reports. */
export interface FileOwner {
  customer_id: string | null
}

/** The own field that a file is added in. */
export interface FileField {
  record_type: string
  field: string
}

const KEY: InjectionKey<() => FileOwner | null> = Symbol('files')

/** Whose the files of a row of this record are; null while there is no row they could belong to. */
export function fileOwner(record: string, row: Record<string, unknown> | undefined): FileOwner | null {
  if (record === 'work_report') return { customer_id: null }
  const customer = record === 'customer' ? row?.id : row?.customer_id
  return typeof customer === 'string' ? { customer_id: customer } : null
}

export const provideFiles = (owner: () => FileOwner | null): void => provide(KEY, owner)
export const useFileOwner = (): (() => FileOwner | null) => inject(KEY, () => null)

export interface Stored {
  ids: string[]
  /** What is wrong with those that were not taken. */
  complaints: string[]
}

/** Writes files to the outbox, each with its record; they go up when there is a network. */
export async function storeFiles(
  files: Iterable<File>,
  owner: FileOwner,
  options: Pick<SubmitOptions, 'needs'> & { field?: FileField } = {},
): Promise<Stored> {
  const engine = useEngine()
  const stored: Stored = { ids: [], complaints: [] }
  const { customer_id } = owner
  for (const file of files) {
    const name = cleanName(file.name)
    const refused = refusal(name, file.size)
    if (refused) {
      stored.complaints.push(`${file.name}: ${errorText(refused.code, refused.params) ?? refused.code}`)
      continue
    }
    const bytes = await file.arrayBuffer()
    const id = engine.newId()
    const sha256 = await sha256Hex(new Uint8Array(bytes))
    const whose = customer_id === null ? {} : { customer_id }
    await submit(
      'attachment.add',
      { id, ...whose, name, sha256, size: bytes.byteLength, ...options.field },
      {
        needs: options.needs,
        about: { type: 'attachment', id, label: name, ...(customer_id && { root: `customer:${customer_id}` }) },
        photos: [{ photo_id: id, sha256, bytes, mime: file.type, file: { name, customer_id } }],
      },
    )
    stored.ids.push(id)
  }
  return stored
}

type Known = { id: string; name?: unknown; [field: string]: unknown }

/** A file's bytes: as this device has it, else from the company. Throws ApiError. */
async function bytesOf(row: Known): Promise<ArrayBuffer> {
  const engine = useEngine()
  const name = String(row.name ?? row.id)
  let bytes = await engine.file(row.id).catch(() => null)
  if (!bytes) {
    const answer = await responseOf(`/media/v1/files/${encodeURIComponent(row.id)}`, { timeout: 300_000 })
    bytes = await answer.arrayBuffer()
    const customer_id = typeof row.customer_id === 'string' ? row.customer_id : null
    // Only what the device may hold stays on it.
    if (await engine.get('attachment', row.id).catch(() => undefined))
      await engine.keepFile(row.id, { name, customer_id }, String(row.sha256), bytes).catch(console.error)
  }
  return bytes
}

/** Hands a file to the browser's downloads. Throws ApiError. */
export async function openFile(row: Known): Promise<void> {
  saveFile(new Blob([await bytesOf(row)], { type: 'application/octet-stream' }), String(row.name ?? row.id))
}

const PICTURES: Record<string, string> = {
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  png: 'image/png',
  gif: 'image/gif',
  bmp: 'image/bmp',
}

/** A file that is a picture by its name, to be shown as one; null for others. A browser draws no program from it. */
export async function pictureOf(row: Known): Promise<Blob | null> {
  const type =
    PICTURES[
      String(row.name ?? '')
        .split('.')
        .at(-1)!
        .toLowerCase()
    ]
  return type ? new Blob([await bytesOf(row)], { type }) : null
}

/** At the desk a form is answered at once, and what it names must have arrived by then. */
const PATIENCE = 10_000
export function useFileArrival(): (ids: readonly string[]) => Promise<void> {
  const engine = useEngine()
  return async (ids) => {
    for (const end = Date.now() + PATIENCE; navigator.onLine && Date.now() < end;) {
      const marks = await Promise.all(ids.map((id) => engine.markOf('attachment', id)))
      if (marks.every((mark) => mark !== 'phone' && mark !== 'sending')) return
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
}

/** "合同.docx +2": the files of a field in a list, as far as their names are known. */
export function filesInShort(value: unknown, names: Record<string, string> = {}): string {
  const known = (Array.isArray(value) ? value : []).flatMap((id) => names[String(id)] ?? [])
  return known.length > 1 ? `${known[0]} +${known.length - 1}` : (known[0] ?? '')
}
