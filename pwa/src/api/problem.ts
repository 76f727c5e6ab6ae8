/** What can go wrong with a request, in one class the screens can translate. */

/**
 * - `status` 0 means that no answer came: offline, timed out, or the server cannot be reached.
 * - `code` is stable and has a sentence in the labels (`error.<code>`); `params` fill its placeholders.
 * - `field` names the argument at fault, when there is one.
 */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly detail: string = '',
    readonly field: string | null = null,
    readonly params: Record<string, unknown> = {},
  ) {
    super(detail || code)
    this.name = 'ApiError'
  }

  get offline(): boolean {
    return this.status === 0
  }
}

const standard = new Set(['type', 'title', 'status', 'detail', 'instance', 'code', 'field', 'params'])

/** Reads RFC 9457 problem details; an answer that is none (a proxy's page) becomes `http_<status>`. */
export async function problemOf(response: Response): Promise<ApiError> {
  const type = response.headers.get('Content-Type') ?? ''
  if (!/json/.test(type)) return new ApiError(response.status, `http_${response.status}`)
  try {
    const body = (await response.json()) as Record<string, unknown>
    const extra = Object.fromEntries(Object.entries(body).filter(([key]) => !standard.has(key)))
    const nested = body.params && typeof body.params === 'object' ? (body.params as Record<string, unknown>) : {}
    return new ApiError(
      response.status,
      typeof body.code === 'string' ? body.code : `http_${response.status}`,
      typeof body.detail === 'string' ? body.detail : '',
      typeof body.field === 'string' ? body.field : null,
      { ...extra, ...nested },
    )
  } catch {
    return new ApiError(response.status, `http_${response.status}`)
  }
}
