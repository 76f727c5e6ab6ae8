/** What the user is told about the sync: one state out of an explicit set, and counters. */

import type { SyncErrorCode } from './errors'
import type { PhotosHeld } from './photos'

export type SyncState =
  | 'idle'
  | 'pulling'
  | 'pushing'
  | 'offline'
  | 'needs_login' // the session ended; everything waits
  | 'needs_update' // the app is too old to pull; pushing goes on
  | 'revoked' // this device was blocked; its copy of the company's data is gone, unsent work is kept
  | 'blocked_storage' // the phone cannot store: see `problem`
  | 'error' // the server fails; tried again by itself

export interface Problem {
  code: SyncErrorCode | string
  message: string
}

export interface SyncStatus {
  state: SyncState
  problem: Problem | null
  online: boolean
  leader: boolean
  /** Ops not sent, in a push, and to be looked at. */
  waiting: number
  sending: number
  needsYou: number
  /** Ops another employee of this phone has not sent; they go when that person logs in again. */
  waitingOthers: number
  /** Photos not confirmed by the server, refused ones, and the bytes of the first. */
  blobs: number
  /** How many of them are files. */
  blobFiles: number
  blobsRefused: number
  blobBytes: number
  /** Why photos wait although there is a network; null when they need not. */
  photosHeld: PhotosHeld | null
  /** ISO time (phone's clock) of the oldest unsent op, null when nothing waits. */
  oldestWaitingAt: string | null
  /** Milliseconds since 1970 (phone's clock): when the last finished pull began. What is here is not older. */
  lastSuccess: number | null
  /** Rows of the running pull still to come and already here; both 0 when none runs. */
  remaining: number
  received: number
  /** Milliseconds this phone's clock is ahead of the server's, negative when behind; 0 while it does not matter. */
  clockOff: number
  /** False until the first full pull: lists are not complete yet. */
  complete: boolean
}

export const INITIAL: SyncStatus = {
  state: 'idle',
  problem: null,
  online: true,
  leader: false,
  waiting: 0,
  sending: 0,
  needsYou: 0,
  waitingOthers: 0,
  blobs: 0,
  blobFiles: 0,
  blobsRefused: 0,
  blobBytes: 0,
  photosHeld: null,
  oldestWaitingAt: null,
  lastSuccess: null,
  remaining: 0,
  received: 0,
  clockOff: 0,
  complete: false,
}

/** A value with listeners; a listener that throws does not keep the others from hearing. */
export class Observable<T> {
  private readonly listeners = new Set<(value: T) => void>()

  constructor(private current: T) {}

  get value(): T {
    return this.current
  }

  set(value: T): void {
    this.current = value
    for (const listener of [...this.listeners]) {
      try {
        listener(value)
      } catch (error) {
        console.error(error)
      }
    }
  }

  /** Changes only the named parts, and says nothing when none differs. */
  patch(part: Partial<T>): void {
    const differs = Object.entries(part).some(([key, value]) => this.current[key as keyof T] !== value)
    if (differs) this.set({ ...this.current, ...part })
  }

  subscribe(listener: (value: T) => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }
}

/** What administrators learn of this device without asking anybody: its version, how much waits on it, since when. */
export function clientReport(version: string, status: SyncStatus): string {
  const waiting = status.waiting + status.sending + status.waitingOthers
  return `app=${version}; waiting=${waiting}; oldest=${status.oldestWaitingAt ?? '-'}`
}
