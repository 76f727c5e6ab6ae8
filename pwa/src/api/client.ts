/**
 * Requests to the server's REST API, same origin, with the session cookie.
 *
 * Everything throws `ApiError` and nothing else. A 401 only raises a flag (`onExpired`): what is on the screen, in the
 * drafts and in the outbox stays as it is, and goes on after the next login.
 */
import { ApiError, problemOf } from './problem'

export { ApiError } from './problem'

type Query = Record<string, string | number | boolean | null | undefined>

export interface RequestOptions {
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  query?: Query
  json?: unknown
  body?: BodyInit
  headers?: Record<string, string>
  signal?: AbortSignal
  /** Milliseconds until the request is given up. */
  timeout?: number
}

let expired: () => void = () => undefined
export function onExpired(listener: () => void): void {
  expired = listener
}

export function withQuery(path: string, query: Query = {}): string {
  const search = new URLSearchParams()
  for (const [key, value] of Object.entries(query)) {
    if (value !== null && value !== undefined && value !== '') search.set(key, String(value))
  }
  const text = search.toString()
  return text ? `${path}?${text}` : path
}

/** The answer itself, for bodies that are read as they come. */
export const responseOf = (path: string, options: RequestOptions = {}): Promise<Response> => send(path, options)

async function send(path: string, options: RequestOptions): Promise<Response> {
  const { method = 'GET', query, json, body, headers = {}, signal, timeout = 30_000 } = options
  // AbortSignal.any would be shorter, but phones with Android WebView 115 and iOS 17.3 do not have it.
  const abort = new AbortController()
  const giveUp = () => abort.abort()
  let late = false
  const timer = setTimeout(() => {
    late = true
    giveUp()
  }, timeout)
  signal?.addEventListener('abort', giveUp, { once: true })
  if (signal?.aborted) giveUp()
  let response: Response
  try {
    response = await fetch(withQuery(path, query), {
      method,
      credentials: 'same-origin',
      headers: {
        Accept: 'application/json',
        'Accept-Language': document.documentElement.lang,
        ...(json === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...headers,
      },
      body: json === undefined ? body : JSON.stringify(json),
      signal: abort.signal,
    })
  } catch (cause) {
    if (signal?.aborted) throw new ApiError(0, 'cancelled')
    throw new ApiError(0, late ? 'timeout' : 'offline', String(cause))
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', giveUp)
  }
  if (response.ok) return response
  const problem = await problemOf(response)
  if (problem.status === 401 && path !== '/api/login') expired()
  throw problem
}

/** The JSON answer; `undefined` for 204. `T` is the caller's claim, best taken from `src/generated/api.d.ts`. */
export async function request<T>(path: string, options: RequestOptions = {}): Promise<T> {
  const response = await send(path, options)
  if (response.status === 204) return undefined as T
  try {
    return (await response.json()) as T
  } catch (cause) {
    throw new ApiError(response.status, 'bad_answer', String(cause))
  }
}

/** Runs a command online; the same key again returns the first answer, so a retry after a lost answer is safe. */
export function command<T>(name: string, args: object, key: string = crypto.randomUUID()): Promise<T> {
  return request<T>(`/api/commands/${name}`, { method: 'POST', json: args, headers: { 'Idempotency-Key': key } })
}

/** Fetches a file and hands it to the browser's downloads under the server's name for it. */
export async function download(path: string, query: Query = {}, fallbackName = 'export.xlsx'): Promise<void> {
  const response = await send(path, { query, timeout: 300_000 })
  const disposition = response.headers.get('Content-Disposition') ?? ''
  const encoded = /filename\*=UTF-8''([^;]+)/i.exec(disposition)?.[1]
  const plain = /filename="?([^";]+)"?/i.exec(disposition)?.[1]
  saveFile(await response.blob(), encoded ? decodeURIComponent(encoded) : (plain ?? fallbackName))
}

/** Hands bytes to the browser's downloads under a name. */
export function saveFile(content: Blob, name: string): void {
  const address = URL.createObjectURL(content)
  const link = document.createElement('a')
  link.href = address
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(address), 60_000)
}
