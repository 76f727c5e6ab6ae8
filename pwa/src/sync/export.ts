/** What waits on this phone as a file: the way out when a phone cannot reach the server any more.
 *
 * An administrator imports it (`xunke ops import`); the ops keep their ids, so importing what was sent after all does
 * nothing twice. Pictures are in the file as long as there is room; what is beyond comes as files of its own, to be given
 * along with it. */

import { base64 } from './keys'
import type { Outbox } from './outbox'
import { toWire } from './push'
import type { BlobEntry, OpResult, WireOp } from './types'

/** The file. The server reads versions 1 and 2 (`server/kept/outbox_file.py`). */
export interface OutboxExport {
  format: 'xunke-outbox'
  version: 2
  /** The app's version and its wire schema. */
  app: string
  schema: number
  device: { id: string }
  employee: { id: string; name: string }
  exported_at: string
  /** Of each op also its author and the answer it has had, if any. */
  ops: Array<WireOp & { employee: string; result: OpResult | null }>
  photos: ExportedPhoto[]
}

export interface ExportedPhoto {
  photo_id: string
  sha256: string
  size: number
  mime: string
  employee: string
  capture: string | null
  signature: string | null
  /** base64 of the original; null: it lies beside the file, named `<sha256>.jpg`. */
  bytes: string | null
}

export interface ExportFile {
  name: string
  mime: string
  /** For `new Blob(parts)`. */
  parts: Array<string | ArrayBuffer>
}

export interface ExportAbout {
  device: string
  employee: { id: string; name: string }
  app: string
  schema: number
  now: number
  /** Bytes of pictures that go into the file itself. */
  room?: number
}

/** 48 MB: as base64 it is 64, which a mail server or a messenger still takes, and the server's door too. */
export const ROOM = 48 * 1024 * 1024

/** Everything the server has not confirmed; the file first, then the pictures that lie beside it. Photos are read one
 * at a time. */
export async function exportOutbox(outbox: Outbox, about: ExportAbout): Promise<ExportFile[]> {
  const ops = (await outbox.all()).filter((op) => op.result === null || op.attention === 1)
  const exported_at = new Date(about.now).toISOString()
  const head: Omit<OutboxExport, 'photos'> = {
    format: 'xunke-outbox',
    version: 2,
    app: about.app,
    schema: about.schema,
    device: { id: about.device },
    employee: about.employee,
    exported_at,
    ops: ops.sort((a, b) => a.seq - b.seq).map((op) => ({ ...toWire(op), employee: op.employee, result: op.result })),
  }
  const parts = [JSON.stringify(head).slice(0, -1), ',"photos":[']
  const beside: ExportFile[] = []
  let room = about.room ?? ROOM
  let first = true
  for (const blob of await openBlobs(outbox)) {
    const bytes = (await outbox.guard(() => outbox.bytes.get(blob.photo_id)))?.bytes
    if (!bytes) continue
    const inside = bytes.byteLength <= room
    if (inside) room -= bytes.byteLength
    else
      beside.push({
        name: `${blob.sha256}.${blob.file?.name.split('.').pop() ?? 'jpg'}`,
        mime: blob.mime,
        parts: [bytes],
      })
    parts.push((first ? '' : ',') + JSON.stringify(photoOf(blob, inside ? bytes : null)))
    first = false
  }
  parts.push(']}')
  const name = `xunke-${exported_at.slice(0, 10)}-${about.device.slice(-6)}.json`
  return [{ name, mime: 'application/json', parts }, ...beside]
}

async function openBlobs(outbox: Outbox): Promise<BlobEntry[]> {
  const open = await outbox.guard(() => outbox.blobs.where('state').notEqual('done').toArray())
  return open.sort((a, b) => a.added_at - b.added_at || (a.photo_id < b.photo_id ? -1 : 1))
}

function photoOf(blob: BlobEntry, bytes: ArrayBuffer | null): ExportedPhoto {
  const { photo_id, sha256, size, mime, employee, capture, signature } = blob
  const text = bytes && base64(new Uint8Array(bytes))
  return { photo_id, sha256, size, mime, employee, capture, signature, bytes: text }
}
