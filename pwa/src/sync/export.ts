/** What waits on this phone as a file: the way out when a phone cannot reach the server any more.
 *
 * An administrator can import it; the ops keep their ids, so importing what was sent after all does nothing twice. */

import { base64 } from './keys'
import type { Outbox } from './outbox'
import { toWire } from './push'
import type { OpResult, WireOp } from './types'

export interface OutboxExport {
  format: 'xunke-outbox'
  version: 1
  device: string
  employee: string
  exported_at: string
  ops: Array<WireOp & { employee: string; result: OpResult | null }>
  blobs: Array<{
    photo_id: string
    sha256: string
    mime: string
    employee: string
    capture: string | null
    signature: string | null
    /** base64 of the original bytes */
    bytes: string
  }>
}

/** Everything the server has not confirmed, as parts of a JSON text: photos are read one at a time, so that a hundred
 * of them never lie in memory together. Give the parts to `new Blob(parts)`. */
export async function exportOutbox(
  outbox: Outbox,
  about: { device: string; employee: string; now: number },
): Promise<string[]> {
  const ops = (await outbox.all()).filter((op) => op.result === null || op.attention === 1)
  const head: Omit<OutboxExport, 'blobs'> = {
    format: 'xunke-outbox',
    version: 1,
    device: about.device,
    employee: about.employee,
    exported_at: new Date(about.now).toISOString(),
    ops: ops.sort((a, b) => a.seq - b.seq).map((op) => ({ ...toWire(op), employee: op.employee, result: op.result })),
  }
  const parts = [JSON.stringify(head).slice(0, -1), ',"blobs":[']
  const blobs = await outbox.guard(() => outbox.blobs.where('state').notEqual('done').toArray())
  let first = true
  for (const { photo_id, sha256, mime, employee, capture, signature } of blobs) {
    const bytes = (await outbox.guard(() => outbox.bytes.get(photo_id)))?.bytes
    if (!bytes) continue
    const blob = { photo_id, sha256, mime, employee, capture, signature, bytes: base64(new Uint8Array(bytes)) }
    parts.push((first ? '' : ',') + JSON.stringify(blob))
    first = false
  }
  parts.push(']}')
  return parts
}
