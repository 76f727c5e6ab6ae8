/** The offline engine of one tab: the face that screens, camera, login and simulator use. See index.ts for the flow. */

import { Actions, type SubmitOptions } from './actions'
import { Changes } from './changes'
import { Clock, type StoredToken, type TimeAnchor } from './clock'
import type { Channel, Environment } from './environment'
import { SyncError, storageCode } from './errors'
import { exportOutbox, type ExportFile } from './export'
import { deviceKeys, renewKeys } from './keys'
import { Leader, type Reason } from './leader'
import { live, type Interest } from './live'
import { isAbout } from './lost'
import { marksOf, markOf } from './marks'
import type { PhotoNetwork } from './photos'
import { appReducers, type Reducers } from './reducers'
import { clientReport, INITIAL, Observable, type SyncStatus } from './status'
import { openStores, type Stores } from './stores'
import type { Declarations, FileOf, Mark, Me, OutboxOp, Row } from './types'
import { uuid7Generator } from './uuid'

export interface EngineOptions {
  declarations: Declarations
  reducers?: Reducers
  /** The app's version, which the company's administrators see. */
  version?: string
  /** True: nothing happens by itself, only `syncNow` syncs. For tests and the simulator. */
  manual?: boolean
}

/** What tabs tell each other. */
type Message =
  | { kind: 'changes'; changes: Array<[string, string[] | null]> }
  | { kind: 'outbox' }
  | { kind: 'wake'; reason: Reason }
  | { kind: 'status'; status: SyncStatus }
  | { kind: 'token'; token: StoredToken }
  | { kind: 'login'; me: Me | null }
  | { kind: 'me'; me: Me }

/** More changed ids than this are told to other tabs as "any row of the type". */
const MOST_IDS = 200
/** Answers kept for looking at without network. */
const MOST_ANSWERS = 100

export class Engine {
  readonly status = new Observable<SyncStatus>(INITIAL)
  readonly newId: () => string
  private readonly clock: Clock
  private readonly changed = new Observable<Changes>(new Changes())
  private readonly stopping = new AbortController()
  private stores: Stores | null = null
  private actions: Actions | null = null
  private leader: Leader | null = null
  private channel: Channel | null = null
  private stopSignals: (() => void) | null = null
  private employee: Me | null = null
  private revoked = false
  private counting: Promise<void> | null = null
  private countAgain = false

  constructor(
    private readonly env: Environment,
    private readonly options: EngineOptions,
  ) {
    env.report = () => clientReport(options.version ?? '0', this.status.value)
    this.newId = uuid7Generator(env.now, (bytes) => env.crypto.getRandomValues(bytes))
    this.clock = new Clock(env, (token) => {
      this.status.patch({ clockOff: this.clock.off })
      void this.stores?.outbox.writeMeta('time_token', token).catch((error) => this.storageTrouble(error))
      this.tell({ kind: 'token', token })
    })
  }

  /** Opens the databases and begins to sync. Never rejects for storage: the state `blocked_storage` says what is wrong. */
  async start(): Promise<void> {
    try {
      this.stores = await openStores(this.env, {
        declarations: this.options.declarations,
        reducers: this.options.reducers ?? appReducers,
        newId: this.newId,
        clock: this.clock,
        employee: () => this.employee?.id ?? '',
        publish: (changes) => this.publish(changes),
      })
      const { outbox } = this.stores
      this.employee = (await outbox.readMeta<Me>('me')) ?? null
      this.revoked = (await outbox.readMeta<boolean>('revoked')) === true
      this.clock.restore(await outbox.readMeta<StoredToken>('time_token'))
      const cursor = await this.stores.cache.readCursor()
      const complete = cursor?.complete === true
      this.status.patch({ complete, lastSuccess: complete ? cursor.at : null })
    } catch (error) {
      if (storageCode(error) === null) throw error
      this.storageTrouble(error)
      return
    }
    const stores = this.stores
    this.actions = new Actions(this.env, stores, this.newId, () => this.employee?.id ?? '', this.storageTrouble)
    this.channel = this.env.channel(`${this.env.databasePrefix}-sync`, (message) => this.hear(message as Message))
    this.leader = new Leader(this.env, stores, this.status, {
      employee: () => this.employee?.id ?? '',
      me: (me) => this.remember(me),
      isRevoked: () => this.revoked,
      revoke: () => this.revoke(),
      outboxChanged: () => this.outboxChanged(),
    })
    if (this.revoked) this.status.patch({ state: 'revoked' })
    if (this.options.manual) {
      this.status.patch({ leader: true })
      await this.leader.prepare()
      return
    }
    this.stopSignals = this.env.onSignal((signal) => {
      this.status.patch({ online: this.env.online() })
      if (signal === 'online' || signal === 'visible') this.wake(signal)
      if (signal === 'connection') this.wake('photo')
      // Said at once, not when the next request has failed.
      const quiet = ['idle', 'pulling', 'pushing', 'error'].includes(this.status.value.state)
      if (signal === 'offline' && quiet) this.status.patch({ state: 'offline', problem: null })
    })
    await this.count()
    void this.lead()
  }

  private async lead(): Promise<void> {
    try {
      await this.env.lead(`${this.env.databasePrefix}-leader`, this.stopping.signal, async () => {
        this.status.patch({ leader: true })
        const told = this.status.subscribe((status) => this.tell({ kind: 'status', status }))
        await this.leader!.run(this.stopping.signal)
        told()
      })
    } catch (error) {
      console.error(error)
      this.status.patch({ state: 'error', problem: { code: 'unexpected', message: String(error) } })
    }
  }

  /** Ends everything this tab does; unsent work stays where it is. */
  stop(): void {
    this.stopping.abort()
    this.stopSignals?.()
    this.channel?.close()
    this.stores?.outbox.close()
    this.stores?.cache.close()
  }

  // ---- what the user does ----

  /** Records a command: durable when the promise resolves, sent when the network allows. */
  async submit(command: string, args: Record<string, unknown>, options?: SubmitOptions): Promise<OutboxOp> {
    const draft = options?.draft
    const op = await this.ready.actions.submit(
      command,
      args,
      draft === undefined ? options : { ...options, draft: this.draftKey(draft) },
    )
    // The form may have a save of its own under way: it must not bring the draft back.
    if (draft !== undefined) this.changed.set(new Changes([['$drafts', new Set([draft])]]))
    await this.afterAction(options?.photos?.length ? ['command', 'photo'] : ['command'])
    return op
  }

  async retry(opId: string, args?: Record<string, unknown>): Promise<string> {
    const id = await this.ready.actions.retry(opId, args)
    await this.afterAction(['command'])
    return id
  }

  async discard(opId: string): Promise<void> {
    await this.ready.actions.discard(opId)
    await this.afterAction([])
  }

  async dismiss(opId: string): Promise<void> {
    await this.ready.actions.dismiss(opId)
    await this.afterAction([])
  }

  async discardPhoto(photoId: string): Promise<void> {
    await this.ready.stores.photos.discard(photoId)
    await this.afterAction([])
  }

  private async afterAction(reasons: Reason[]): Promise<void> {
    await this.outboxChanged()
    for (const reason of reasons) this.wake(reason)
  }

  // ---- reading ----

  get(type: string, id: string): Promise<Row | undefined> {
    const { cache } = this.ready.stores
    return cache.guard(() => cache.table(type).get(id))
  }

  /** Rows of a type; with `index` and `value` those in which a field has this value, e.g. `customer_id`. */
  rows(type: string, by?: { index: string; value: string }): Promise<Row[]> {
    const { cache } = this.ready.stores
    return cache.guard(() => (by ? cache.rowsBy(type, by.index, by.value) : cache.table(type).toArray()))
  }

  /** Reads now and again whenever one of the interests changes; answers how to stop. `$outbox` is a type here too. */
  live<T>(interests: Interest[], read: () => Promise<T>, deliver: (value: T) => void): () => void {
    return live((listener) => this.changed.subscribe(listener), interests, read, deliver)
  }

  onChanges(listener: (changes: Changes) => void): () => void {
    return this.changed.subscribe(listener)
  }

  markOf(type: string, id: string): Promise<Mark> {
    return markOf(this.ready.stores, type, id)
  }

  /** Marks of all rows of a type that have one other than `company`. */
  marksOf(type: string): Promise<Map<string, Mark>> {
    return marksOf(this.ready.stores, type)
  }

  /** Ops the user has to look at, oldest first. */
  async needsYou(): Promise<OutboxOp[]> {
    const { outbox } = this.ready.stores
    const ops = await outbox.guard(() => outbox.ops.where('attention').equals(1).toArray())
    return ops.filter((op) => op.employee === (this.employee?.id ?? '')).sort((a, b) => a.seq - b.seq)
  }

  /** Everything in the outbox with what the view could not show of it, for the sync page. */
  async outboxItems(): Promise<Array<OutboxOp & { problem: string | null }>> {
    const { outbox, cache } = this.ready.stores
    const ops = await outbox.all()
    const marks = new Map((await cache.guard(() => cache.marks.toArray())).map((mark) => [mark.op, mark.problem]))
    return ops.sort((a, b) => a.seq - b.seq).map((op) => ({ ...op, problem: marks.get(op.id) ?? null }))
  }

  photoItems() {
    const { outbox } = this.ready.stores
    return outbox.guard(() => outbox.blobs.toArray())
  }

  /** That the server was restored from a backup and how much of this person's work went out again, until dismissed. */
  async restored(): Promise<{ at: number; sent: number } | undefined> {
    const found = await this.ready.stores.outbox.restored()
    return found && { at: found.at, sent: found.sent[this.employee?.id ?? ''] ?? 0 }
  }

  async dismissRestored(): Promise<void> {
    await this.ready.stores.outbox.dismissRestored()
    await this.outboxChanged()
  }

  /** By which network photos go up; a choice of this device. */
  photoNetwork(): Promise<PhotoNetwork> {
    return this.ready.stores.photos.network()
  }

  async setPhotoNetwork(chosen: PhotoNetwork): Promise<void> {
    await this.ready.stores.photos.setNetwork(chosen)
    await this.afterAction(['photo'])
  }

  /** Photos go up by the network there is, until none waits. */
  sendPhotosNow(): void {
    this.wake('photo_now')
  }

  /** Whether this browser tells Wi-Fi from a mobile network. */
  get tellsNetworks(): boolean {
    return (this.env.connection()?.kind ?? null) !== null
  }

  picture(photoId: string, size?: 'small' | 'original'): Promise<ArrayBuffer | null> {
    return this.ready.stores.photos.picture(photoId, size)
  }

  /** The bytes of an attachment, if they are on this phone. */
  file(id: string): Promise<ArrayBuffer | null> {
    return this.ready.stores.photos.file(id)
  }

  /** Keeps the bytes of an attachment that was opened, as long as there is room. */
  async keepFile(id: string, file: FileOf, sha256: string, bytes: ArrayBuffer): Promise<void> {
    await this.ready.stores.photos.keepFile(id, file, sha256, bytes)
    await this.outboxChanged()
  }

  // ---- answers of the server that are not rows; they leave with the cache ----

  async keptAnswer<T>(key: string): Promise<{ value: T; at: number } | undefined> {
    const { cache } = this.ready.stores
    return (await cache.guard(() => cache.answers.get(key))) as { value: T; at: number } | undefined
  }

  /** Keeps the newest hundred. `value` is plain data. */
  async keepAnswer(key: string, value: unknown): Promise<void> {
    const { cache } = this.ready.stores
    await cache.guard(async () => {
      await cache.answers.put({ key, value, at: this.env.now() })
      const excess = (await cache.answers.count()) - MOST_ANSWERS
      if (excess > 0) await cache.answers.bulkDelete(await cache.answers.orderBy('at').limit(excess).primaryKeys())
    })
  }

  // ---- drafts: half-filled forms, per person ----

  async draft<T>(key: string): Promise<T | undefined> {
    const { outbox } = this.ready.stores
    return (await outbox.guard(() => outbox.drafts.get(this.draftKey(key))))?.value as T | undefined
  }

  async saveDraft(key: string, value: unknown): Promise<void> {
    const { outbox } = this.ready.stores
    await outbox.guard(() => outbox.drafts.put({ key: this.draftKey(key), value, at: this.env.now() }))
  }

  /** Whether a kept draft is about a customer that changed hands meanwhile. */
  async draftLost(key: string): Promise<boolean> {
    const { outbox, rebase } = this.ready.stores
    const draft = await outbox.guard(() => outbox.drafts.get(this.draftKey(key)))
    return draft !== undefined && isAbout(draft, await rebase.lost())
  }

  async dropDraft(key: string): Promise<void> {
    const { outbox } = this.ready.stores
    await outbox.guard(() => outbox.drafts.delete(this.draftKey(key)))
  }

  private draftKey(key: string): string {
    return `${this.employee?.id ?? ''}/${key}`
  }

  // ---- identity and time ----

  get me(): Me | null {
    return this.employee
  }

  get device(): { device: string; publicKey: string; sign(text: string): Promise<string> } {
    return this.ready.stores.keys
  }

  /** Who this phone is, to be sent with a login. A phone that was found to share its identity with another gets a new one
   * here; its outbox stays, and the server knows by their author what it has already. */
  async enrolment(): Promise<{ device: string; publicKey: string }> {
    const { stores } = this.ready
    const cloned = await stores.outbox.readMeta<string>('cloned')
    if (cloned === stores.keys.device) stores.keys = await renewKeys(this.env, stores.outbox, this.newId, cloned)
    return stores.keys
  }

  timeAnchor(): TimeAnchor {
    return this.clock.anchor()
  }

  /** To be called after every login. What another employee held on this phone is removed from the cache; his unsent
   * work waits for him. */
  async loggedIn(me: Me): Promise<void> {
    const { outbox, rebase } = this.ready.stores
    if (this.employee && this.employee.id !== me.id) await this.forgetCache()
    this.revoked = false
    await outbox.writeMeta('revoked', false)
    await this.remember(me)
    await rebase.repair(true)
    this.status.patch({ state: 'idle', problem: null })
    this.tell({ kind: 'login', me })
    this.wake('login')
  }

  /** To be called after a logout: the company's data leaves the phone, unsent work stays and waits for a login. */
  async loggedOut(): Promise<void> {
    await this.forgetCache()
    this.status.patch({ state: 'needs_login', problem: null })
    this.tell({ kind: 'login', me: null })
  }

  /** Another tab may have given this phone a new identity. */
  private async readKeys(): Promise<void> {
    try {
      if (this.stores) this.stores.keys = await deviceKeys(this.env, this.stores.outbox, this.newId)
    } catch (error) {
      this.storageTrouble(error)
    }
  }

  private async remember(me: Me): Promise<void> {
    if (JSON.stringify(this.employee) === JSON.stringify(me)) return
    this.employee = me
    await this.ready.stores.outbox.writeMeta('me', me)
    this.tell({ kind: 'me', me })
    await this.outboxChanged()
  }

  private async revoke(): Promise<void> {
    this.revoked = true
    await this.ready.stores.outbox.writeMeta('revoked', true)
    await this.forgetCache()
  }

  private async forgetCache(): Promise<void> {
    const { cache, photos } = this.ready.stores
    await cache.wipe()
    await photos.dropConfirmed()
    await this.env.pictures?.drop(null)
    this.status.patch({ complete: false })
    this.publish(new Changes([...cache.types].map((type) => [type, null])))
  }

  // ---- syncing ----

  /** One round now: push, pull, photos. Resolves when this tab's round is over; in a tab that does not lead, the leader
   * is only told. */
  async syncNow(): Promise<SyncStatus> {
    const leader = this.ready.leader
    if (!this.status.value.leader) {
      this.wake('user')
      return this.status.value
    }
    await leader.cycle(this.stopping.signal)
    if (this.options.manual) await leader.uploadPhotos(this.stopping.signal)
    else leader.wake('photo')
    return this.status.value
  }

  private wake(reason: Reason): void {
    if (this.options.manual) return
    if (this.status.value.leader) this.leader?.wake(reason)
    else this.tell({ kind: 'wake', reason })
  }

  // ---- the phone's storage ----

  /** What waits as files: the first has everything, the others are pictures it has no room for. */
  async exportWaiting(): Promise<ExportFile[]> {
    const { outbox, keys } = this.ready.stores
    const { id = '', employee, name } = (this.employee ?? {}) as Partial<Me> & { employee?: { real_name?: string } }
    return exportOutbox(outbox, {
      device: keys.device,
      employee: { id, name: employee?.real_name ?? (typeof name === 'string' ? name : '') },
      app: this.options.version ?? '',
      schema: this.options.declarations.schema,
      now: this.env.now(),
    })
  }

  /** Asks the browser not to evict us; answers whether it promised. */
  async persist(): Promise<boolean> {
    if (!this.env.storage) return false
    return (await this.env.storage.persisted()) || (await this.env.storage.persist())
  }

  /** Bytes, as the browser estimates them; null when it does not say. */
  async estimate(): Promise<{ usage: number; quota: number; persisted: boolean } | null> {
    if (!this.env.storage) return null
    const { usage = 0, quota = 0 } = await this.env.storage.estimate()
    return { usage, quota, persisted: await this.env.storage.persisted() }
  }

  private readonly storageTrouble = (error: unknown): void => {
    const code = storageCode(error) ?? 'storage_closed'
    const message = error instanceof Error ? error.message : String(error)
    this.status.patch({ state: 'blocked_storage', problem: { code, message } })
  }

  private get ready(): { stores: Stores; actions: Actions; leader: Leader } {
    const { stores, actions, leader } = this
    if (stores && actions && leader) return { stores, actions, leader }
    const { state, problem } = this.status.value
    const code = state === 'blocked_storage' ? (problem?.code as SyncError['code']) : 'engine_stopped'
    throw new SyncError(code)
  }

  // ---- telling screens and other tabs ----

  private publish(changes: Changes, fromOtherTab = false): void {
    if (changes.size === 0) return
    this.changed.set(changes)
    changes.told()
    if (fromOtherTab) return
    const told = [...changes].map(([type, ids]): [string, string[] | null] => [
      type,
      ids === null || ids.size > MOST_IDS ? null : [...ids],
    ])
    this.tell({ kind: 'changes', changes: told })
  }

  private async outboxChanged(): Promise<void> {
    this.tell({ kind: 'outbox' })
    await this.count()
    this.changed.set(new Changes([['$outbox', null]]))
  }

  private tell(message: Message): void {
    try {
      this.channel?.post(message)
    } catch {
      // A closed channel belongs to a tab that is going away.
    }
  }

  private hear(message: Message): void {
    switch (message.kind) {
      case 'changes':
        this.publish(new Changes(message.changes.map(([type, ids]) => [type, ids && new Set(ids)])), true)
        break
      case 'outbox':
        void this.count().then(() => this.changed.set(new Changes([['$outbox', null]])))
        break
      case 'wake':
        if (this.status.value.leader) this.leader?.wake(message.reason)
        break
      case 'status':
        if (!this.status.value.leader) this.status.patch({ ...message.status, leader: false })
        break
      case 'token':
        this.clock.received(message.token.token, message.token.server_time, true)
        break
      case 'me':
        // Rights changed; which rows are here changes with the page that said so.
        this.employee = message.me
        break
      case 'login':
        if (message.me) {
          this.employee = message.me
          this.revoked = false
          void this.readKeys()
          if (this.status.value.leader) this.leader?.wake('login')
        } else this.status.patch({ state: 'needs_login', problem: null })
        break
    }
  }

  /** Counts what waits; calls that come while it counts are answered by one more count. */
  private count(): Promise<void> {
    this.countAgain = true
    this.counting ??= this.countWhileAsked().finally(() => (this.counting = null))
    return this.counting
  }

  private async countWhileAsked(): Promise<void> {
    while (this.countAgain && this.stores && !this.stopping.signal.aborted) {
      this.countAgain = false
      try {
        const { outbox, photos } = this.stores
        this.status.patch({ ...(await outbox.counters(this.employee?.id ?? '')), ...(await photos.counters()) })
      } catch (error) {
        if (this.stopping.signal.aborted) return
        if (storageCode(error) === null) throw error
        this.storageTrouble(error)
      }
    }
  }
}
