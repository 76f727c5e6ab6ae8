/** A file that is fetched in as many parts as the network takes: what has come stays, and the rest is asked for. */
import { ApiError, responseOf } from '@/api/client'
import { Backoff } from '@/sync/backoff'

/** Milliseconds without a byte after which a connection is given up and the rest asked for again. */
const SILENCE = 30_000
const LONGEST_PAUSE = 15_000

export interface Fetching {
  /** Bytes of the whole file. */
  size: number
  /** Hears how many bytes are there, and whether the network is being waited for. */
  tell: (bytes: number, waiting: boolean) => void
  signal: AbortSignal
  pause?: (milliseconds: number) => Promise<void>
}

/** The whole file. Throws `ApiError` where the company refuses it; a network that comes and goes is waited for. */
export async function fetchFile(path: string, { size, tell, signal, pause = untilOnline }: Fetching): Promise<Blob> {
  const backoff = new Backoff(Math.random, 1_000, LONGEST_PAUSE)
  let parts: Uint8Array<ArrayBuffer>[] = []
  let have = 0
  let etag = ''
  for (;;) {
    try {
      const headers: Record<string, string> = have ? { Range: `bytes=${have}-`, 'If-Range': etag } : {}
      const response = await responseOf(path, { headers, signal })
      if (response.status !== 206) [parts, have] = [[], 0] // the whole, from its beginning
      etag = response.headers.get('ETag') ?? ''
      for await (const chunk of chunksOf(response, signal)) {
        parts.push(chunk)
        have += chunk.length
        backoff.reset()
        tell(have, false)
      }
      if (have === size) return new Blob(parts, { type: response.headers.get('Content-Type') ?? '' })
      if (have > size) [parts, have] = [[], 0]
    } catch (problem) {
      if (signal.aborted) throw new ApiError(0, 'cancelled')
      if (problem instanceof ApiError && problem.status > 0 && problem.status < 500) throw problem
    }
    tell(have, true)
    await pause(backoff.fail())
    if (signal.aborted) throw new ApiError(0, 'cancelled')
  }
}

async function* chunksOf(response: Response, signal: AbortSignal): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const reader = response.body!.getReader()
  const stop = () => void reader.cancel().catch(() => undefined)
  signal.addEventListener('abort', stop, { once: true })
  try {
    for (;;) {
      let timer: ReturnType<typeof setTimeout> | undefined
      const silent = new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(new ApiError(0, 'timeout')), SILENCE)
      })
      const { done, value } = await Promise.race([reader.read(), silent]).finally(() => clearTimeout(timer))
      if (done) return
      yield value
    }
  } finally {
    signal.removeEventListener('abort', stop)
    stop()
  }
}

/** Waits so long, or until the network is there again. */
export const untilOnline = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer)
      removeEventListener('online', done)
      resolve()
    }
    const timer = setTimeout(done, milliseconds)
    addEventListener('online', done)
  })
