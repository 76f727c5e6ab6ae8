/** A report of photos from the server: how far it is comes first, line by line, then the file. */
import { responseOf, saveFile } from '@/api/client'
import { ApiError } from '@/api/problem'

export type ReportFormat = 'pdf' | 'xlsx'

/** As the server allows. */
export const MOST_PHOTOS = 500

export interface ReportRequest {
  /** In the order in which they are printed. */
  ids: string[]
  format: ReportFormat
  language: string
}

interface Step {
  done: number
  size: number | null
  name: string | null
  code: string | null
}

const types = {
  pdf: 'application/pdf',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
} as const
/** Milliseconds in which 500 photos are done on the busiest server, waiting in line included. */
const PATIENCE = 15 * 60_000

/** Reads the steps off the front of the answer; what follows the last one is the file. */
export async function readReport(
  pieces: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>,
  progress: (done: number) => void,
): Promise<{ name: string; parts: Uint8Array<ArrayBuffer>[] }> {
  const parts: Uint8Array<ArrayBuffer>[] = []
  let head: Uint8Array<ArrayBuffer> = new Uint8Array()
  let file: { name: string; size: number } | null = null
  let got = 0
  const keep = (piece: Uint8Array<ArrayBuffer>) => {
    if (piece.length === 0) return
    parts.push(piece)
    got += piece.length
  }
  for (;;) {
    const { value, done } = await pieces.read()
    if (done) break
    if (file) {
      keep(value)
      continue
    }
    const joined = new Uint8Array(head.length + value.length)
    joined.set(head)
    joined.set(value, head.length)
    head = joined
    for (let end = head.indexOf(10); end >= 0 && !file; end = head.indexOf(10)) {
      const step = JSON.parse(new TextDecoder().decode(head.subarray(0, end))) as Step
      head = head.slice(end + 1)
      progress(step.done)
      if (step.code) throw new ApiError(500, step.code)
      if (step.size !== null) file = { name: step.name ?? 'photos', size: step.size }
    }
    if (file) keep(head)
  }
  // A connection that was cut looks like an end.
  if (!file || got !== file.size) throw new ApiError(0, 'offline', 'the report broke off')
  return { name: file.name, parts }
}

/** Has a report made and hands it to the browser's downloads. */
export async function fetchReport(
  wanted: ReportRequest,
  signal: AbortSignal,
  progress: (done: number) => void,
): Promise<void> {
  const response = await responseOf('/media/v1/reports/photos', {
    method: 'POST',
    json: { ...wanted, progress: true },
    signal,
    timeout: PATIENCE,
  })
  if (!response.body) throw new ApiError(0, 'bad_answer')
  const pieces = response.body.getReader()
  const stop = () => void pieces.cancel().catch(() => undefined)
  signal.addEventListener('abort', stop, { once: true })
  try {
    const { name, parts } = await readReport(pieces, progress)
    saveFile(new Blob(parts, { type: types[wanted.format] }), name)
  } finally {
    signal.removeEventListener('abort', stop)
  }
}
