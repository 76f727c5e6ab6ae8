import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ApiError } from '@/api/client'
import { fetchFile } from './fetching'

const FILE = Uint8Array.from({ length: 1000 }, (_, index) => index % 251)
const ETAG = '"abc"'

/** What has come before a cut, then an error in the middle of the body, or its end without one. */
function cutAfter(bytes: Uint8Array, how: 'error' | 'end'): ReadableStream {
  let given = false
  return new ReadableStream({
    pull(controller) {
      if (!given) controller.enqueue(bytes)
      else if (how === 'error') controller.error(new TypeError('network error'))
      else controller.close()
      given = true
    },
  })
}

describe('a file that is fetched over a bad network', () => {
  const asked: (string | null)[] = []
  const fetched = vi.fn<typeof fetch>()
  beforeEach(() => {
    asked.length = 0
    vi.stubGlobal('fetch', (address: string, options: RequestInit) => {
      const headers = new Headers(options.headers)
      asked.push(headers.get('Range') && `${headers.get('Range')} ${headers.get('If-Range')}`)
      return fetched(address, options)
    })
    vi.stubGlobal('document', { documentElement: { lang: 'zh-CN' } })
  })
  afterEach(() => {
    vi.unstubAllGlobals()
    fetched.mockReset()
  })

  const part = (from: number, to: number, how: 'error' | 'end' = 'end', etag = ETAG) =>
    new Response(cutAfter(FILE.slice(from, to), how), { status: from ? 206 : 200, headers: { ETag: etag } })
  const heard: [number, boolean][] = []
  const get = (signal = new AbortController().signal) =>
    fetchFile('/api/exports/1/file', {
      size: FILE.length,
      signal,
      tell: (bytes, waiting) => heard.push([bytes, waiting]),
      pause: () => Promise.resolve(),
    })
  const bytesOf = async (file: Blob) => new Uint8Array(await file.arrayBuffer())

  it('goes on where it was cut, also where nobody said that it was', async () => {
    heard.length = 0
    fetched
      .mockResolvedValueOnce(part(0, 400, 'error'))
      .mockRejectedValueOnce(new TypeError('offline'))
      .mockResolvedValueOnce(new Response('', { status: 502 }))
      .mockResolvedValueOnce(part(400, 700, 'end'))
      .mockResolvedValueOnce(part(700, 1000))
    expect(await bytesOf(await get())).toEqual(FILE)
    expect(asked).toEqual([null, ...Array(3).fill(`bytes=400- ${ETAG}`), `bytes=700- ${ETAG}`])
    expect(heard).toContainEqual([400, true])
    expect(heard.at(-1)).toEqual([1000, false])
  })

  it('begins anew where the company has another file by now', async () => {
    fetched.mockResolvedValueOnce(part(0, 400, 'error', '"old"')).mockResolvedValueOnce(part(0, 1000))
    expect(await bytesOf(await get())).toEqual(FILE)
    expect(asked).toEqual([null, 'bytes=400- "old"'])
  })

  it('ends where the company refuses it', async () => {
    fetched.mockResolvedValueOnce(part(0, 400, 'error')).mockResolvedValueOnce(
      new Response(JSON.stringify({ code: 'forbidden' }), {
        status: 403,
        headers: { 'Content-Type': 'application/problem+json' },
      }),
    )
    await expect(get()).rejects.toMatchObject({ status: 403, code: 'forbidden' })
  })

  it('ends when it is not wanted any more', async () => {
    const stop = new AbortController()
    fetched.mockImplementation(() => {
      stop.abort()
      return Promise.reject(new TypeError('offline'))
    })
    await expect(get(stop.signal)).rejects.toEqual(new ApiError(0, 'cancelled'))
  })
})
