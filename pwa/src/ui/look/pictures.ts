/** Pictures of templates: small, so that a device keeps those that are in force and shows them without network. */
import { request, responseOf } from '@/api/client'
import { sha256Hex } from '@/camera/capture'
import { useEngine } from '@/sync/vue'
import type { TemplateRow } from '../look'

/** As the server has it (server/layouts/templates.py). */
export const MOST_BYTES = 300 * 1024
const EDGE = 1600
const TYPES: Record<string, string> = { png: 'image/png', jpg: 'image/jpeg' }
const keyOf = (hash: string): string => `look:${hash}`

/** The picture, kept on this device from now on. Throws ApiError. */
export async function pictureOf(template: TemplateRow): Promise<Blob | null> {
  const { id, picture, picture_kind } = template
  const type = TYPES[picture_kind ?? '']
  if (!picture || !type) return null
  const engine = useEngine()
  const kept = await engine.keptAnswer<ArrayBuffer>(keyOf(picture)).catch(() => undefined)
  let bytes = kept?.value
  if (!bytes) {
    const answer = await responseOf(`/media/v1/form-templates/${encodeURIComponent(id)}`)
    bytes = await answer.arrayBuffer()
  }
  // Written again it is among the newest, which are kept.
  if (!kept || Date.now() - kept.at > 3_600_000)
    await engine.keepAnswer(keyOf(picture), bytes).catch((error: unknown) => console.warn(error))
  return new Blob([bytes], { type })
}

/** Fetches what is in force while there is a network; what could not be had is asked for when it is shown. */
export async function keepPictures(templates: readonly TemplateRow[]): Promise<void> {
  for (const template of templates) {
    if (template.in_force && template.picture && (template.picture_size ?? 0) <= MOST_BYTES)
      await pictureOf(template).catch(() => null)
  }
}

/** A picture that is small enough, smaller where it was not: the bytes and what they are. Null: it is no picture. */
export async function shrunk(file: Blob): Promise<Blob | null> {
  if (!Object.values(TYPES).includes(file.type)) return null
  const picture = await createImageBitmap(file).catch(() => null)
  if (!picture) return null
  const scale = Math.min(1, EDGE / Math.max(picture.width, picture.height))
  if (scale === 1 && file.size <= MOST_BYTES) return file
  for (const [part, type] of [
    [1, file.type],
    [0.6, file.type],
    [0.6, 'image/jpeg'],
    [0.3, 'image/jpeg'],
  ] as const) {
    const canvas = document.createElement('canvas')
    canvas.width = Math.max(1, Math.round(picture.width * scale * part))
    canvas.height = Math.max(1, Math.round(picture.height * scale * part))
    const drawing = canvas.getContext('2d')!
    if (type === 'image/jpeg') {
      drawing.fillStyle = '#fff'
      drawing.fillRect(0, 0, canvas.width, canvas.height)
    }
    drawing.drawImage(picture, 0, 0, canvas.width, canvas.height)
    const made = await new Promise<Blob | null>((done) => canvas.toBlob(done, type, 0.85))
    if (made && made.size <= MOST_BYTES) return made
  }
  return null
}

/** Sends a picture to the company; returns its hash. Throws ApiError. */
export async function sendPicture(picture: Blob): Promise<string> {
  const bytes = await picture.arrayBuffer()
  const hash = await sha256Hex(new Uint8Array(bytes))
  await request('/media/v1/uploads', {
    method: 'POST',
    body: bytes,
    headers: {
      'Tus-Resumable': '1.0.0',
      'Upload-Length': String(bytes.byteLength),
      'Upload-Metadata': `sha256 ${btoa(hash)}`,
      'Content-Type': 'application/offset+octet-stream',
    },
    timeout: 60_000,
  })
  return hash
}
