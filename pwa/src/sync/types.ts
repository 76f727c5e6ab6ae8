/** The shapes of the sync: what goes over the wire (docs/sync-protocol.md) and what the phone keeps. */

/** A row as the server sends it. `rev` is the position of the transaction that last wrote it; a row that only an
 * unsent op has made has `rev: 0`. `_op` lists the pending ops that shaped what is shown; the server never sends it. */
export interface Row {
  id: string
  rev: number
  root: string
  _op?: string[]
  [field: string]: unknown
}

/** What the engine needs to know of a record; the generated declarations say much more. */
export interface RecordDeclaration {
  /** "company", "employee:<field>" or "customer:<field>"; several with "|": the first whose field has a value. */
  root?: string
  synced?: boolean
  fields: readonly FieldDeclaration[]
}

export interface FieldDeclaration {
  name: string
  kind: string
  ref?: string | null
  policy?: string
  index?: boolean
}

export interface Declarations {
  schema: number
  records: Record<string, RecordDeclaration>
}

export type ResultStatus = 'applied' | 'merged' | 'adjusted' | 'held' | 'conflict' | 'rejected'

/** One op as it is pushed. */
export interface WireOp {
  id: string
  seq: number
  command: string
  version: number
  at: string
  base: number | null
  args: Record<string, unknown>
  needs: string[]
}

export interface OpResult {
  id: string
  status: ResultStatus
  code: string | null
  position: number | null
  detail?: Record<string, unknown>
  conflicts?: string[]
  changes?: Array<Record<string, unknown> & { code: string }>
}

export interface PushAnswer {
  /** Another phone has this one's identity: it should log in again, which enrols it anew. */
  clone?: boolean
  position: number
  results: OpResult[]
}

/** The values of one field in many rows: plainly; the same in all; which of few; ids and moments as the first's
 * milliseconds and then differences, ids with 19 hex digits of each. */
export type Column =
  | unknown[]
  | { same: unknown }
  | { of: unknown[]; at: number[] }
  | { uuid7: number[]; rest: string }
  | { serial: number[]; prefix: string; digits: number }
  | Dense
  | { times: Array<number | null> }

/** Values that are equally long, without what stands between them; see `unpack`. */
export interface Dense {
  text: string
  each: number
  decimals?: number
}

/** The rows of one type, column by column: `values[n]` are those of `columns[n]`, `id` first. What no row has a value
 * for is left out. `root` is the rule the rows' roots follow from, unless there is a column `root`. */
export interface TypePage {
  columns?: string[]
  values?: Column[]
  root?: string
  gone?: Array<[string, string]>
}

export interface Me {
  id: string
  [key: string]: unknown
}

/** The columns of each type, beside id, rev and root. */
export interface Shape {
  id: string
  types: Record<string, string[]>
}

/** Some columns of some rows; `after`: more come after this id. */
export interface FillAnswer extends TypePage {
  type: string
  after?: string
}

/** Empty parts of a page are left out. */
export interface PullPage {
  /** On the first page, where rows have other columns than this phone knows. */
  shape?: Shape
  epoch: string
  cursor: string
  after?: string
  position: number
  reset?: boolean
  /** The server was restored since: what is here stays and is compared; the page itself has no rows. */
  digest?: boolean
  /** Tombstones may be missing: what is here is to be compared. */
  floor?: boolean
  /** Earlier epochs, each with its last position that the server still has. */
  past?: Record<string, number>
  drop?: string[]
  roots?: string[]
  types?: Record<string, TypePage>
  remaining?: number
  time_token: string
  server_time: string
  me?: Me
}

/** The shards in which a phone and the server differ, whole. */
export interface DigestAnswer {
  epoch: string
  /** [type, last hex digits of the ids] of what is in `types`; what the phone has of them beside that goes. */
  shards?: Array<[string, string]>
  types?: Record<string, TypePage>
  more?: boolean
}

/** Where an op stands on this phone.
 * - `waiting`: written here, not yet sent
 * - `sending`: in a push whose answer has not come
 * - `done`: answered; its effect is replayed until a pulled state contains it
 * - `kept`: answered and no longer replayed, shown until the user acts or dismisses it */
export type OpState = 'waiting' | 'sending' | 'done' | 'kept'

/** Which record an op is about, for the mark beside it and the plain words on the sync page. */
export interface About {
  type: string
  id: string
  label?: string
  root?: string
}

export interface OutboxOp extends WireOp {
  /** The employee who made it: a shared phone never sends one person's work under another's name. '' when nobody
   * had logged in yet (null cannot be indexed). */
  employee: string
  state: OpState
  about: About | null
  result: OpResult | null
  /** The epoch the result's position belongs to; positions of different epochs cannot be compared. */
  epoch: string | null
  /** 1 while the user has something to look at (held, adjusted, conflict, rejected), else 0. */
  attention: 0 | 1
  /** Milliseconds since 1970, phone's clock: when a held op may be asked about again. */
  ask_at?: number
  /** Photos whose bytes nobody wants any more once this is applied: as far as they are not sent, they go. */
  unwanted?: string[]
}

export type BlobState = 'waiting' | 'sending' | 'done' | 'refused'

/** What a file is that is no photo: its name, and the customer it belongs to. */
export interface FileOf {
  name: string
  customer_id: string | null
}

/** A photo or a file on its way; its bytes lie beside it in `bytes`, so that counting what waits reads no pictures. */
export interface BlobEntry {
  /** The id of the photo or the attachment. */
  photo_id: string
  sha256: string
  size: number
  mime: string
  state: BlobState
  attempts: number
  /** Bytes the server has, as far as it has said so. */
  sent?: number
  employee: string
  added_at: number
  /** Milliseconds since 1970, phone's clock: not tried again before. */
  next_at: number
  /** The capture record's exact text and its signature, as they went into photo.attach. */
  capture: string | null
  signature: string | null
  /** 1: the customer is not ours any more; the picture leaves the phone when the server has it. */
  lost?: 1
  /** An attachment, of which the bytes stay for a while after the server has them. */
  file?: FileOf
  /** Why the server refused. */
  verdict: unknown
}

export interface BlobBytes {
  photo_id: string
  bytes: ArrayBuffer | null
  thumbnail: ArrayBuffer | null
}

export interface NewPhoto {
  photo_id: string
  sha256: string
  bytes: ArrayBuffer
  mime?: string
  thumbnail?: ArrayBuffer | null
  capture?: string | null
  signature?: string | null
  file?: FileOf
}

/** The one small mark beside everything the user made (SCREENS: on this phone · sending · at the company · needs you). */
export type Mark = 'phone' | 'sending' | 'company' | 'needs_you'

export const ATTENTION: ReadonlySet<ResultStatus> = new Set(['held', 'adjusted', 'conflict', 'rejected'])
