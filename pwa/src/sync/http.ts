/** One HTTP call, and what its answer means to the sync. */

import type { Environment } from './environment'

export type Answer<T> =
  | { kind: 'ok'; status: number; body: T; headers: Headers }
  /** Nothing usable came back: no network, timed out, or something in between answered (a hotel's login page). */
  | { kind: 'unreachable'; message: string }
  /** The server refused; `code` is its problem code, '' when it is not our server's kind of answer. */
  | { kind: 'problem'; status: number; code: string; message: string; wipe: boolean; retryAfter: number }

export interface Call {
  method: 'GET' | 'POST' | 'PATCH'
  path: string
  json?: unknown
  bytes?: ArrayBuffer
  mime?: string
  headers?: Record<string, string>
  /** Milliseconds until the call is given up; default 60,000. */
  timeout?: number
  signal?: AbortSignal
}

export async function call<T>(env: Environment, request: Call): Promise<Answer<T>> {
  const abort = new AbortController()
  const cancelTimer = env.after(request.timeout ?? 60_000, () => abort.abort())
  const stop = () => abort.abort()
  request.signal?.addEventListener('abort', stop)
  if (request.signal?.aborted) abort.abort()
  try {
    const headers: Record<string, string> = { Accept: 'application/json', ...request.headers }
    if (request.json !== undefined) headers['Content-Type'] = 'application/json'
    if (env.report && request.path.startsWith('/sync/')) headers['X-Xunke-Client'] = env.report()
    if (request.bytes) headers['Content-Type'] = request.mime ?? 'application/octet-stream'
    const response = await env.fetch(env.base + request.path, {
      method: request.method,
      headers,
      body: request.bytes ?? (request.json === undefined ? undefined : JSON.stringify(request.json)),
      credentials: 'same-origin',
      cache: 'no-store',
      signal: abort.signal,
    })
    return await understand<T>(response)
  } catch (error) {
    return { kind: 'unreachable', message: error instanceof Error ? error.message : String(error) }
  } finally {
    cancelTimer()
    request.signal?.removeEventListener('abort', stop)
  }
}

async function understand<T>(response: Response): Promise<Answer<T>> {
  const text = response.status === 204 ? '' : await response.text()
  const body = parse(text)
  if (response.ok) {
    if (text !== '' && body === undefined) return { kind: 'unreachable', message: 'the answer is not JSON' }
    return { kind: 'ok', status: response.status, body: body as T, headers: response.headers }
  }
  const problem = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>
  const message = problem['detail'] ?? problem['title']
  return {
    kind: 'problem',
    status: response.status,
    code: typeof problem['code'] === 'string' ? problem['code'] : '',
    message: typeof message === 'string' ? message : `HTTP ${response.status}`,
    wipe: problem['wipe'] === true,
    retryAfter: (Number(response.headers.get('Retry-After')) || 0) * 1000,
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
