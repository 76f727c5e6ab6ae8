/**
 * The offline engine. What a screen shows comes from here, what a user does goes in here; the network is this folder's
 * business alone. Contract with the server: docs/sync-protocol.md.
 *
 * ```
 *  screen ── submit(command, args) ──► outbox (ops, photos; durable)  ──push──►  server
 *    ▲                                   │ replay, by the command's reducer        │
 *    └──── rows, live queries ◄── cache (server rows + what waits on top) ◄──pull──┘
 * ```
 *
 * 1. `submit` writes an op to the outbox database and only then shows its effect in the cache (`actions.ts`). The
 *    promise resolves when both are done; from then on nothing but the user or the server's answer removes the op.
 * 2. What a command does to the rows on screen is a *reducer* (`reducers.ts`): generic for `<record>.create`,
 *    `.edit`, `.delete`; areas add theirs in `src/areas/<area>/commands.ts` with `reducer('visit.check_in', …)`.
 * 3. One tab leads (`leader.ts`). Each round pushes what waits (`push.ts`), then pulls page by page (`pull.ts`).
 *    A page is stored by `rebase.ts` in one transaction: the server's versions back, the page in, the ops that are not
 *    contained replayed (`view.ts`), the cursor stored. So a user's own edit never flickers back.
 * 4. An op leaves the outbox when its answer is here *and* a finished pull contains it. Held, adjusted, conflicting and
 *    rejected ops stay in `needsYou` until dismissed, corrected (`retry`) or discarded.
 * 5. Photos go their own way (`photos.ts`) and leave the phone only when the server has confirmed their hash.
 * 6. `status` says where things stand, in an explicit set of states; storage trouble is a state too, never a lost
 *    exception. After every change the engine says which rows differ, and live queries (`live.ts`) read again.
 *
 * The engine takes everything environmental from one `Environment`, so the simulator and the tests run this very code
 * under Node. Only `vue.ts` knows Vue.
 */

export type { SubmitOptions } from './actions'
export type { Changes } from './changes'
export type { TimeAnchor } from './clock'
export { Engine, type EngineOptions } from './engine'
export { browserEnvironment, type Channel, type Environment, type Signal } from './environment'
export { SyncError, type SyncErrorCode } from './errors'
export type { ExportFile, OutboxExport } from './export'
export { base64url } from './keys'
export type { Interest } from './live'
export { appReducers, reducer, Reducers, type NewRow, type Reducer, type ReducerTx } from './reducers'
export { INITIAL, Observable, type Problem, type SyncState, type SyncStatus } from './status'
export type {
  About,
  BlobEntry,
  Declarations,
  Mark,
  Me,
  NewPhoto,
  OpResult,
  OpState,
  OutboxOp,
  ResultStatus,
  Row,
} from './types'
export { uuid7, uuid7Generator } from './uuid'
