/** What the one leading tab does: push, pull, photos, and waiting for the next reason to do so. */

import { Backoff } from './backoff'
import type { Environment } from './environment'
import { storageCode } from './errors'
import type { Failure } from './push'
import type { Observable, SyncState, SyncStatus } from './status'
import type { Stores } from './stores'
import type { Me } from './types'

export type Reason = 'start' | 'command' | 'online' | 'visible' | 'hint' | 'login' | 'user' | 'photo' | 'photo_now'

export interface LeaderHooks {
  employee(): string
  me(me: Me): Promise<void>
  isRevoked(): boolean
  /** The server told this device to wipe: the cache goes, the outbox stays. */
  revoke(): Promise<void>
  /** Something in the outbox differs: counters are to be read again, other tabs told. */
  outboxChanged(): Promise<void>
}

/** Milliseconds. Hints come by server-sent events; the poll is for when they do not. */
const POLL_VISIBLE = 60_000
const POLL_HIDDEN = 300_000
/** Several ops of one tap go out together. */
const DEBOUNCE = 300
/** A stream of hints that was open so long had nothing against it. */
const STOOD = 20_000
/** The server gives no later appointment; with a clock that was set back in between, one that is later is void. */
const LATEST_TURN = 150_000

export class Leader {
  private readonly backoff: Backoff
  private readonly photoBackoff: Backoff
  private current: Promise<unknown> = Promise.resolve()
  private notify: ((reason: Reason) => void) | null = null
  private notifyPhotos: (() => void) | null = null
  /** A photo came while others were going up. */
  private photosAgain = false
  /** The user wants them to go up by this network, whatever was chosen, until none waits. */
  private photosNow = false
  /** The push that is under way; pieces of photos let it go first. */
  private pushing: Promise<unknown> | null = null
  private pending: Reason | null = null
  /** When a busy server wants this phone's next push, by this phone's clock. */
  private turn = 0

  constructor(
    private readonly env: Environment,
    private readonly stores: Stores,
    private readonly status: Observable<SyncStatus>,
    private readonly hooks: LeaderHooks,
  ) {
    this.backoff = new Backoff(() => env.random())
    this.photoBackoff = new Backoff(() => env.random(), 2_000)
  }

  /** Leads until the signal is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    await this.prepare()
    const hints = new Hints(this.env, () => this.wake('hint'), signal)
    const photos = this.photoLoop(signal)
    for (;;) {
      if (this.hooks.employee() !== '') hints.start()
      const wait = signal.aborted
        ? null
        : await this.cycle(signal).catch((error: unknown) => this.unexpected(error, signal))
      if (signal.aborted) break
      await this.sleep(wait, signal)
      if (signal.aborted) break
    }
    await photos
  }

  /** After a crash: nothing is under way, and the view shows every op again. */
  async prepare(): Promise<void> {
    try {
      await this.stores.outbox.unsend()
      await this.stores.photos.tidy()
      await this.stores.rebase.repair(true)
      await this.stores.rebase.forgetLost()
    } catch (error) {
      if (storageCode(error) === null) throw error
      this.blocked(error)
    }
    await this.hooks.outboxChanged()
  }

  wake(reason: Reason): void {
    if (reason === 'photo_now') this.photosNow = true
    if (reason === 'command' || reason === 'photo' || reason === 'photo_now') {
      // Without a session, or blocked, a new op changes nothing: it waits with the others.
      if (this.status.value.state === 'needs_login' || this.status.value.state === 'revoked') return
    }
    this.backoff.reset()
    this.photoBackoff.reset()
    this.photosAgain = true
    this.notifyPhotos?.()
    if (reason === 'photo' || reason === 'photo_now') return
    if (this.notify) this.notify(reason)
    else this.pending = reason
  }

  /** One round, after the one that runs. Answers in how many milliseconds to come again, null: only when woken. */
  cycle(signal?: AbortSignal): Promise<number | null> {
    const next = this.current.catch(() => {}).then(() => this.round(signal))
    this.current = next
    return next
  }

  private async round(signal?: AbortSignal): Promise<number | null> {
    this.status.patch({ online: this.env.online() })
    if (!this.env.online()) {
      this.show('offline', null)
      return this.poll()
    }
    // Before anybody's first login there is nothing to ask for; the login wakes.
    if (this.hooks.employee() === '') return null
    try {
      return await this.exchange(signal)
    } catch (error) {
      if (storageCode(error) === null) throw error
      this.blocked(error)
      return this.backoff.fail()
    } finally {
      this.status.patch({ remaining: 0, received: 0 })
      await this.hooks.outboxChanged()
    }
  }

  private async exchange(signal?: AbortSignal, again = true): Promise<number | null> {
    const early = this.untilTurn() > 0
    const pushFailure = early ? null : await this.push(signal)
    if (pushFailure && isBusy(pushFailure)) return this.waitForTurn()
    // A server that fails at our ops may still have news for us; without session or network it has not.
    if (pushFailure && endsRound(pushFailure)) return this.failed(pushFailure)
    if (this.hooks.isRevoked()) {
      this.show('revoked', null)
      return pushFailure ? this.backoff.fail() : null
    }
    const asOf = this.env.now()
    const pullFailure = await this.pull(pushFailure === null && !early, signal)
    if (signal?.aborted) return null
    const failure = pullFailure ?? pushFailure
    if (failure) return this.failed(failure)
    // Made during the pull, or to be sent again because the server was restored.
    const { waiting } = await this.stores.outbox.toSend(this.hooks.employee())
    if (waiting.length > 0 && this.untilTurn() > 0) return this.waitForTurn()
    if (again && waiting.length > 0) return this.exchange(signal, false)
    const compareFailure = await this.compare(signal)
    if (signal?.aborted) return null
    if (compareFailure) return this.failed(compareFailure)
    this.backoff.reset()
    this.status.patch({ lastSuccess: asOf, complete: true })
    // Two phones have one identity: nothing is lost, but each must get its own by logging in.
    if ((await this.stores.outbox.readMeta('cloned')) === this.stores.keys.device) {
      this.show('needs_login', { code: 'cloned_device', message: '' })
      return this.poll()
    }
    this.show('idle', null)
    return this.poll()
  }

  /** Once a day, and when the server or half a year asks for it: is what we hold what we may hold? */
  private async compare(signal?: AbortSignal): Promise<Failure | null> {
    const { digester } = this.stores
    if (!(await digester.isDue())) return null
    const { failure, moved } = await digester.run(signal)
    return failure ?? (moved && !signal?.aborted ? this.pull(true, signal) : null)
  }

  private async push(signal?: AbortSignal): Promise<Failure | null> {
    const employee = this.hooks.employee()
    const { waiting, held } = await this.stores.outbox.toSend(employee)
    if (waiting.length + held.length === 0) return null
    this.show('pushing', null)
    const pushing = this.stores.pusher.push(this.stores.keys.device, employee, signal)
    this.pushing = pushing.catch(() => {}).finally(() => (this.pushing = null))
    await this.hooks.outboxChanged()
    const { failure } = await pushing
    if (failure && isBusy(failure)) {
      // Not earlier than it says, and a little later than the next phone.
      this.turn = this.env.now() + failure.retryAfter * (1 + this.env.random() * 0.2)
    }
    await this.stores.rebase.repair()
    await this.hooks.outboxChanged()
    // Photos whose records have arrived may follow.
    this.photosAgain = true
    this.notifyPhotos?.()
    return failure
  }

  private async pull(pushing: boolean, signal?: AbortSignal): Promise<Failure | null> {
    const cursor = await this.stores.cache.readCursor()
    this.status.patch({ complete: cursor?.complete === true })
    if (!cursor?.complete) this.show('pulling', null)
    let stop: Failure | null = null
    const outcome = await this.stores.puller.pull(
      {
        progress: (received, remaining) => {
          if (remaining > 0) this.show('pulling', null)
          this.status.patch({ received, remaining })
        },
        me: (me) => this.hooks.me(me),
        between: async () => {
          // A push that failed a moment ago is for the next round, not for every page of this one.
          if (!pushing) return true
          const failure = await this.push(signal)
          if (failure) pushing = false
          if (failure && endsRound(failure)) stop = failure
          return stop === null
        },
      },
      signal,
    )
    return outcome.failure ?? stop
  }

  private async failed(failure: Failure): Promise<number | null> {
    if (failure.kind === 'unreachable') {
      this.show('offline', { code: 'unreachable', message: failure.message })
      return this.backoff.fail()
    }
    const problem = { code: failure.code || `http_${failure.status}`, message: failure.message }
    // A device the server knows under another session is put right by logging in, which enrols it.
    if (failure.status === 401 || failure.code === 'wrong_device') {
      this.show('needs_login', problem)
      return null
    }
    if (isRevocation(failure)) {
      await this.hooks.revoke()
      this.show('revoked', problem)
      return null
    }
    if (failure.status === 426) {
      this.backoff.reset()
      this.show('needs_update', problem)
      return POLL_HIDDEN
    }
    this.show('error', problem)
    return this.backoff.fail(failure.retryAfter)
  }

  /** Milliseconds until a busy server wants to hear of this phone; 0: now. */
  private untilTurn(): number {
    const left = this.turn - this.env.now()
    return left > 0 && left <= LATEST_TURN ? left : 0
  }

  /** Everything is safe here and its turn comes: nothing that a user should see as an error. */
  private waitForTurn(): number {
    this.backoff.reset()
    this.show('idle', null)
    return Math.max(1_000, this.untilTurn())
  }

  private blocked(error: unknown): void {
    const code = storageCode(error) ?? 'storage_closed'
    this.show('blocked_storage', { code, message: error instanceof Error ? error.message : String(error) })
  }

  private unexpected(error: unknown, signal: AbortSignal): number | null {
    // What a stopped tab was in the middle of fails on its closed databases; its successor goes on with it.
    if (signal.aborted) return null
    console.error(error)
    this.show('error', { code: 'unexpected', message: error instanceof Error ? error.message : String(error) })
    return this.backoff.fail()
  }

  private show(state: SyncState, problem: SyncStatus['problem']): void {
    this.status.patch({ state, problem })
  }

  private poll(): number {
    return this.env.visible() ? POLL_VISIBLE : POLL_HIDDEN
  }

  private async sleep(ms: number | null, signal: AbortSignal): Promise<void> {
    const reason = await new Promise<Reason | null>((resolve) => {
      const cancel = ms === null ? () => {} : this.env.after(ms, () => done(null))
      const done = (why: Reason | null): void => {
        cancel()
        this.notify = null
        signal.removeEventListener('abort', abort)
        resolve(why)
      }
      const abort = () => done(null)
      signal.addEventListener('abort', abort)
      this.notify = done
      if (signal.aborted) done(null)
      else if (this.pending) done(this.pending)
      this.pending = null
    })
    if (reason === 'command') await new Promise<void>((resolve) => this.env.after(DEBOUNCE, resolve))
    this.pending = null
  }

  private async photoLoop(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.photosAgain = false
      const wait = await this.uploadPhotos(signal).catch((error: unknown) => {
        if (!signal.aborted) console.error(error)
        return this.photoBackoff.fail()
      })
      if (signal.aborted) return
      if (this.photosAgain) continue
      await new Promise<void>((resolve) => {
        const cancel = wait === null ? () => {} : this.env.after(wait, () => done())
        const done = (): void => {
          cancel()
          this.notifyPhotos = null
          signal.removeEventListener('abort', done)
          resolve()
        }
        signal.addEventListener('abort', done)
        this.notifyPhotos = done
        if (signal.aborted) done()
      })
    }
  }

  private async arePhotosHeld(): Promise<boolean> {
    const photosHeld = this.photosNow ? null : await this.stores.photos.held()
    this.status.patch({ photosHeld })
    return photosHeld !== null
  }

  /** One round of uploads; answers when to come again, as `cycle` does. */
  async uploadPhotos(signal?: AbortSignal): Promise<number | null> {
    if (!this.env.online() || this.hooks.isRevoked()) return null
    if (await this.arePhotosHeld()) return null
    const { photos } = this.stores
    const gate = async (): Promise<boolean> => {
      await this.pushing
      return this.env.online() && !(await this.arePhotosHeld())
    }
    const { failure, nextIn, left } = await photos.upload(
      this.hooks.employee(),
      gate,
      this.hooks.outboxChanged,
      signal,
    )
    await this.hooks.outboxChanged()
    if (!failure) {
      this.photoBackoff.reset()
      if (left === 0) this.photosNow = false
      return (await this.arePhotosHeld()) || !this.env.online() ? null : nextIn
    }
    if (failure.kind === 'problem' && (failure.status === 401 || isRevocation(failure))) {
      await this.failed(failure)
      return null
    }
    return this.photoBackoff.fail()
  }
}

function isRevocation(failure: Failure): boolean {
  return failure.kind === 'problem' && failure.status === 403 && (failure.wipe || failure.code === 'device_revoked')
}

function endsRound(failure: Failure): boolean {
  return failure.kind === 'unreachable' || failure.status === 401 || isRevocation(failure) || failure.status === 429
}

/** The server has more to do than it can at once, and says when to come again. */
function isBusy(failure: Failure): failure is Failure & { kind: 'problem' } {
  return failure.kind === 'problem' && failure.status === 503 && failure.code === 'busy' && failure.retryAfter > 0
}

/** The stream of "pull now" hints. When it breaks it is opened again, with growing pauses, and at once when the network
 * returns. As soon as it stands there is a pull: nobody was told what was written while there was none. */
class Hints {
  private readonly backoff: Backoff
  private stream: { close(): void } | null = null
  private started = false
  private stopWaiting: (() => void) | null = null

  constructor(
    private readonly env: Environment,
    private readonly hint: () => void,
    private readonly signal: AbortSignal,
  ) {
    this.backoff = new Backoff(() => env.random(), 2_000)
    const stopListening = env.onSignal((what) => {
      if (what === 'online' && this.started) this.openNow()
    })
    signal.addEventListener('abort', () => {
      stopListening()
      this.stopWaiting?.()
      this.stream?.close()
    })
  }

  start(): void {
    if (this.started) return
    this.started = true
    this.open()
  }

  private openNow(): void {
    this.backoff.reset()
    if (!this.stopWaiting) return
    this.stopWaiting()
    this.open()
  }

  private open(): void {
    this.stopWaiting = null
    if (this.signal.aborted) return
    let stands: number | null = null
    this.stream = this.env.hints(`${this.env.base}/sync/v1/events`, {
      stands: () => {
        stands = this.env.monotonic()
        this.hint()
      },
      hint: () => {
        this.backoff.reset()
        this.hint()
      },
      lost: () => {
        // One that breaks as soon as it stands (something in between allows no streams) is not tried every other second.
        if (stands !== null && this.env.monotonic() - stands > STOOD) this.backoff.reset()
        this.stopWaiting = this.env.after(this.backoff.fail(), () => this.open())
      },
    })
  }
}
