/** Errors of the sync, each with a stable code that the app translates. */

export type SyncErrorCode =
  | 'storage_unavailable' // no IndexedDB: private mode, or switched off
  | 'storage_full' // QuotaExceededError
  | 'storage_closed' // the browser closed the database under us and it cannot be opened again
  | 'op_too_large'
  | 'row_missing' // an edit of a row that is not on this phone
  | 'unknown_command' // no reducer: the op is sent all the same
  | 'engine_stopped'

export class SyncError extends Error {
  constructor(
    readonly code: SyncErrorCode,
    message: string = code,
    options?: ErrorOptions,
  ) {
    super(message, options)
    this.name = 'SyncError'
  }
}

/** The names in an error's chain: Dexie wraps the browser's error in `inner`, an abort carries it in its message. */
function names(error: unknown): string[] {
  const found: string[] = []
  let at: unknown = error
  for (let depth = 0; at && typeof at === 'object' && depth < 6; depth++) {
    const one = at as { name?: unknown; inner?: unknown; cause?: unknown; message?: unknown }
    if (typeof one.name === 'string') found.push(one.name)
    if (typeof one.message === 'string') found.push(one.message)
    at = one.inner ?? one.cause
  }
  return found
}

const CLOSED =
  /DatabaseClosed|InvalidState|connection (is closing|lost|to Indexed Database server lost)|UnknownError/i
const MISSING = /MissingAPI|OpenFailed|SecurityError|IndexedDB API missing/i

/** What a storage error means for the user, or null when it is no storage error at all. */
export function storageCode(error: unknown): SyncErrorCode | null {
  if (error instanceof SyncError) return error.code.startsWith('storage_') ? error.code : null
  const all = names(error)
  if (all.some((name) => /QuotaExceeded/i.test(name))) return 'storage_full'
  if (all.some((name) => CLOSED.test(name))) return 'storage_closed'
  if (all.some((name) => MISSING.test(name))) return 'storage_unavailable'
  return null
}
