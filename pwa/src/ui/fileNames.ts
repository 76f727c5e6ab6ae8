/** Names and sizes of files, judged on the phone as the company will (server/attachments/names.py). */

/** Endings and the kinds they stand for. */
const KINDS = ['jpg', 'png', 'gif', 'bmp', 'doc', 'docx', 'xls', 'xlsx', 'ppt', 'pptx', 'txt', 'zip', 'rar'] as const
export const ALLOWED = KINDS.join(' ')
/** What file pickers offer. */
export const ACCEPT = [...KINDS, 'jpeg'].map((ending) => `.${ending}`).join()
export const MOST_FILE_BYTES = 10 * 1024 * 1024
const MOST_NAME_BYTES = 255
const MACROS = new Set(['docm', 'dotm', 'xlsm', 'xltm', 'xlsb', 'xlam', 'pptm', 'potm', 'ppsm', 'ppam'])
/** Control characters, invisible ones and what turns the direction of writing; and what no file system takes. */
// oxlint-disable-next-line no-control-regex -- these are what is looked for
const UNSEEN = /[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]/gu
const UNFIT = /[:*?"<>|]/g
const DEVICE = /^(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\.|$)/i

const bytesOf = (text: string): number => new TextEncoder().encode(text).byteLength

const split = (name: string): [stem: string, ending: string] => {
  const dot = name.lastIndexOf('.')
  return dot > 0 ? [name.slice(0, dot), name.slice(dot + 1)] : [name, '']
}

/** The name as it can be kept everywhere: without folders and what nobody sees, short enough, its ending whole. */
export function cleanName(given: string): string {
  const base = given.normalize('NFC').split(/[/\\]/).pop() ?? ''
  const name = base
    .replace(UNSEEN, '')
    .replace(UNFIT, '_')
    .replace(/^\s+|[\s.]+$/g, '')
  const [stem, ending] = split(DEVICE.test(name) ? `_${name}` : name)
  const tail = ending ? `.${ending}` : ''
  let short = [...stem]
  while (bytesOf(short.join('') + tail) > MOST_NAME_BYTES && short.length > 1) short = short.slice(0, -1)
  return short.join('').trimEnd() + tail
}

export function kindOf(name: string): string | null {
  const ending = split(name)[1].toLowerCase()
  const kind = ending === 'jpeg' ? 'jpg' : ending
  return (KINDS as readonly string[]).includes(kind) ? kind : null
}

/** Why the company would not take such a file, as a code of its errors; null when it may. */
export function refusal(name: string, size: number): { code: string; params?: Record<string, unknown> } | null {
  const ending = split(name)[1].toLowerCase()
  if (MACROS.has(ending)) return { code: 'file_macros' }
  if (kindOf(name) === null) return { code: 'file_type_not_allowed', params: { ending, allowed: ALLOWED } }
  if (size === 0) return { code: 'file_empty' }
  if (size > MOST_FILE_BYTES) return { code: 'file_too_large', params: { mb: MOST_FILE_BYTES / 1024 ** 2 } }
  return null
}
