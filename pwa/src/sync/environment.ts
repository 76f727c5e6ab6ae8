/** Everything the engine takes from its surroundings, in one object.
 *
 * The engine never reaches for a global: the same code runs in a tab, in a test with fake-indexeddb and in the
 * simulator under Node, where many phones with skewed clocks and failing networks live in one process. */

import { browserPictures, type Pictures } from './pictures'

export type Signal = 'online' | 'offline' | 'visible' | 'hidden' | 'connection'

export interface Channel {
  post(message: unknown): void
  close(): void
}

export interface HintStream {
  /** Called once, when the server has begun to tell: what was written before was told to nobody. */
  stands(): void
  hint(): void
  /** Called once, when the stream breaks. */
  lost(): void
}

export interface Environment {
  /** null when the browser has none (private mode in some, or switched off by the user). */
  indexedDB: IDBFactory | null
  IDBKeyRange: typeof IDBKeyRange
  /** Both databases begin with it, so that several phones can share one process. */
  databasePrefix: string
  /** Put before every path: '' in the app, which speaks to its own origin. */
  base: string
  fetch(url: string, init: RequestInit): Promise<Response>
  crypto: Crypto
  /** The phone's clock, milliseconds since 1970. A claim: it may be a year off. */
  now(): number
  /** Milliseconds that only grow, from an arbitrary start; starts anew with the page. */
  monotonic(): number
  /** In [0, 1). */
  random(): number
  /** Runs once after `ms`; the answer cancels. */
  after(ms: number, run: () => void): () => void
  online(): boolean
  /** What the browser tells of the network (Network Information API): its kind ('wifi', 'cellular', …), where it tells,
   * and megabits a second as it believes. null: nothing; Safari and Firefox never do. */
  connection(): { kind: string | null; downlink: number | null } | null
  visible(): boolean
  onSignal(listener: (signal: Signal) => void): () => void
  /** Waits until this tab leads, runs, and gives leadership up when `run` ends. Aborting the signal ends the waiting. */
  lead(name: string, signal: AbortSignal, run: () => Promise<void>): Promise<void>
  channel(name: string, receive: (message: unknown) => void): Channel
  /** Opens the stream of the server's hints. When it breaks, the caller opens a new one. */
  hints(path: string, heard: HintStream): { close(): void } | null
  storage: {
    persist(): Promise<boolean>
    persisted(): Promise<boolean>
    estimate(): Promise<{ usage?: number; quota?: number }>
  } | null
  /** What the service worker keeps of photos; null where there is none. */
  pictures: Pictures | null
  /** What this device says of itself with every pull and push (header `X-Xunke-Client`); the engine sets it. */
  report?: () => string
  /** Tests and the simulator throw here to kill the engine between two steps; absent in the app. */
  fault?(point: string): void
}

/** The environment of a browser tab. */
export function browserEnvironment(): Environment {
  return {
    indexedDB: readIndexedDB(),
    IDBKeyRange: globalThis.IDBKeyRange,
    databasePrefix: 'xunke',
    base: '',
    fetch: (url, init) => globalThis.fetch(url, init),
    crypto: globalThis.crypto,
    now: () => Date.now(),
    monotonic: () => performance.now(),
    random: () => Math.random(),
    after: (ms, run) => {
      const timer = setTimeout(run, ms)
      return () => clearTimeout(timer)
    },
    online: () => navigator.onLine !== false,
    connection: readConnection,
    visible: () => document.visibilityState !== 'hidden',
    onSignal: listenToWindow,
    lead: leadByLock,
    channel: broadcast,
    hints: serverEvents,
    // Absent outside secure contexts.
    storage: 'storage' in navigator ? storageOf(navigator.storage) : null,
    pictures: browserPictures(),
  }
}

/** Some browsers throw on the mere mention of indexedDB when site data is blocked. */
function readIndexedDB(): IDBFactory | null {
  try {
    return globalThis.indexedDB ?? null
  } catch {
    return null
  }
}

function storageOf(manager: StorageManager): NonNullable<Environment['storage']> {
  return {
    persist: async () => (manager.persist ? await manager.persist() : false),
    persisted: async () => (manager.persisted ? await manager.persisted() : false),
    estimate: () => manager.estimate(),
  }
}

/** Not part of TypeScript's DOM: only Chromium has it, and its `type` only on phones. */
interface NetworkInformation extends EventTarget {
  readonly type?: string
  readonly downlink?: number
}

const networkInformation = (): NetworkInformation | undefined =>
  (navigator as Navigator & { connection?: NetworkInformation }).connection

function readConnection(): { kind: string | null; downlink: number | null } | null {
  const found = networkInformation()
  return found ? { kind: found.type ?? null, downlink: found.downlink ?? null } : null
}

function listenToWindow(listener: (signal: Signal) => void): () => void {
  const online = () => listener('online')
  const offline = () => listener('offline')
  const visibility = () => listener(document.visibilityState === 'hidden' ? 'hidden' : 'visible')
  window.addEventListener('online', online)
  window.addEventListener('offline', offline)
  const connection = () => listener('connection')
  const network = networkInformation()
  document.addEventListener('visibilitychange', visibility)
  network?.addEventListener('change', connection)
  return () => {
    network?.removeEventListener('change', connection)
    window.removeEventListener('online', online)
    window.removeEventListener('offline', offline)
    document.removeEventListener('visibilitychange', visibility)
  }
}

/** Web Locks are the leader election; a browser without them lets every tab sync, which is wasteful but harmless
 * because pushes are idempotent and pages are stored by compare-and-set on the cursor. */
async function leadByLock(name: string, signal: AbortSignal, run: () => Promise<void>): Promise<void> {
  if (!navigator.locks) return run()
  try {
    await navigator.locks.request(name, { signal }, run)
  } catch (error) {
    if (!signal.aborted) throw error
  }
}

function broadcast(name: string, receive: (message: unknown) => void): Channel {
  if (typeof BroadcastChannel === 'undefined') return { post: () => {}, close: () => {} }
  const channel = new BroadcastChannel(name)
  channel.onmessage = (event: MessageEvent<unknown>) => receive(event.data)
  return { post: (message) => channel.postMessage(message), close: () => channel.close() }
}

function serverEvents(path: string, heard: HintStream): { close(): void } | null {
  if (typeof EventSource === 'undefined') return null
  const source = new EventSource(path, { withCredentials: true })
  // Not `open`, which comes with the headers, before the server listens for writes.
  source.addEventListener('alive', () => heard.stands(), { once: true })
  source.addEventListener('hint', () => heard.hint())
  source.onerror = () => {
    // The browser's own reconnecting has no back-off; ours has.
    source.close()
    heard.lost()
  }
  return { close: () => source.close() }
}
