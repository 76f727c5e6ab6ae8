/** A person with a device: the app's engine over fake-indexeddb, speaking to the real server. */
import declared from '@/generated/declarations.json'
import { appReducers } from '@/sync/reducers'
import { Phone } from '@/sync/testing/phone'
import type { Environment } from '@/sync/environment'
import type { SubmitOptions } from '@/sync/actions'
import type { EngineOptions } from '@/sync/engine'
import type { Declarations, Me, OpResult, OutboxOp, Row } from '@/sync/types'
import { Dice } from './dice'
import { CALM, Line, type Weather } from './line'
import { FULL_DISKS } from './quick'
import type { Sabotage } from './sabotage'
import type { Cast, LedgerEntry } from './stage'

import.meta.glob('../src/areas/*/commands.ts', { eager: true })

export const DECLARED = declared as unknown as Declarations
export const PATHS = Object.fromEntries(
  Object.entries(declared.records as Record<string, { path?: string; synced?: boolean }>)
    .filter(([, record]) => record.synced !== false)
    .map(([type, record]) => [type, record.path!]),
)

export interface ServerMe extends Me {
  employee: Row
  permissions: Record<string, string>
}

/** What was submitted on this device, and what came back. */
/** The ops of a person's tabs. */
export class Book extends Map<string, LedgerEntry> {
  /** Results of which one tab was told before the one that wrote the op had come back from writing it. */
  readonly early = new Map<string, OpResult>()
}

export class Actor extends Phone {
  readonly line: Line
  readonly dice: Dice
  readonly book: Book
  account!: ServerMe
  /** Works in the office: sees lists over REST, not only what the device holds. */
  office = false
  readonly lists = new Map<string, Row[]>()
  /** Runs a build of the app that is too old for the server. */
  outdated = false

  constructor(
    readonly cast: Cast,
    readonly username: string,
    readonly name: string,
    readonly say: (who: string, text: string) => void = () => {},
    book = new Book(),
  ) {
    const dice = new Dice(`${cast.seed}/${name}`)
    const line = new Line(cast.url, new Dice(`${cast.seed}/${name}/weather`), (text) => say(name, text))
    super({ fetchFor: () => (url, init) => line.fetch(url, init) }, '', DECLARED)
    this.reducers = appReducers
    this.line = line
    this.dice = dice
    this.book = book
    line.onResults = (results) => this.note(results)
  }

  /** The page opens: with the build that this phone has. */
  override start(options: Partial<EngineOptions> = {}) {
    const declarations = this.outdated ? { ...DECLARED, schema: DECLARED.schema - 1 } : DECLARED
    return super.start({ declarations, ...options })
  }

  override environment(): Environment {
    const crypto = { subtle: globalThis.crypto.subtle, getRandomValues: this.dice.fill } as unknown as Crypto
    // A line that seems slow: photos go up in pieces.
    const connection = (): { kind: null; downlink: number } => ({ kind: null, downlink: 0.1 })
    const random = (): number => this.dice.next()
    return { ...super.environment(), crypto, random, monotonic: () => performance.now(), connection }
  }

  /** A second page of the same browser: databases and cookies are shared, the network is not. */
  override tab(name = `${this.name}'`): Actor {
    const tab = new Actor(this.cast, this.username, name, this.say, this.book)
    this.share(tab)
    tab.line.cookie = this.line.cookie
    tab.account = this.account
    tab.line.sabotage = this.line.sabotage
    return tab
  }

  async signIn(username = this.username): Promise<void> {
    const { device, publicKey } = this.engine.device
    this.account = await this.line.json<ServerMe>('POST', '/api/login', {
      username,
      password: this.cast.password,
      device: { id: device, name: this.name.slice(0, 40), public_key: publicKey },
    })
    this.employee = this.account.id
    await this.engine.loggedIn(this.account)
  }

  /** Signed in and with the company's data on it. */
  async settle(): Promise<void> {
    await this.start()
    await this.signIn()
    await this.engine.syncNow()
    if (this.engine.status.value.state !== 'idle') throw new Error(`${this.name}: ${this.problem}`)
  }

  get device(): string {
    return this.engine.device.device
  }

  get problem(): string {
    const { state, problem } = this.engine.status.value
    return `${state} ${problem?.code ?? ''} ${problem?.message ?? ''}`.trim()
  }

  async rows(type: string): Promise<Row[]> {
    // What no device holds is only at the company.
    if (DECLARED.records[type]?.synced === false) return []
    return (await this.engine.rows(type)).sort((a, b) => (a.id < b.id ? -1 : 1))
  }

  /** The rows this person has before him. Lists of the office stay open for some steps. */
  async inView(type: string): Promise<Row[]> {
    if (!this.office) return this.rows(type)
    let rows = this.lists.get(type)
    if (!rows) {
      const page = this.line.json<{ items: Row[] }>('GET', `/api/${PATHS[type]}?limit=50`)
      // Signed out by somebody else: then only what the device holds.
      rows = (await page.catch(() => null))?.items ?? (await this.rows(type))
      this.lists.set(type, rows)
    }
    return rows
  }

  /** The disk refuses whatever is to be stored, or takes it again. */
  set diskIsFull(full: boolean) {
    const databases = (this.factory as unknown as { _databases: Map<string, object> })._databases
    for (const database of databases.values()) {
      if (full) FULL_DISKS.add(database)
      else FULL_DISKS.delete(database)
    }
  }

  /** Something is to go wrong here that the checks must notice (tests/sim/test_sabotage.py). */
  set sabotage(sabotage: Sabotage | null) {
    this.line.sabotage = sabotage
  }

  /** An op from this person's outbox; `needs` are the ops that made rows the company has not seen. */
  async submit(command: string, args: Record<string, unknown>, more: SubmitOptions = {}): Promise<OutboxOp> {
    const op = await this.engine.submit(command, args, more)
    this.enter(op)
    return op
  }

  enter({ id, employee, command, args }: OutboxOp): void {
    this.say(this.name, `writes ${command} ${JSON.stringify(args).slice(0, 300)} (op ${id})`)
    this.book.set(id, {
      device: this.device,
      op: id,
      employee,
      command,
      args: JSON.parse(JSON.stringify(args)) as Record<string, unknown>,
      status: null,
      code: null,
      conflicts: [],
      gone: false,
      restored: false,
      counted: false,
    })
    const told = this.book.early.get(id)
    if (told) this.note([told])
  }

  /** The user has taken it off his list. */
  putAway(op: string): void {
    const entry = this.book.get(op)
    if (entry) entry.gone = true
  }

  /** A command at the desk, without an outbox. Raises `Refused`. */
  do(command: string, args: Record<string, unknown>): Promise<{ status: string; code: string | null }> {
    return this.line.json('POST', `/api/commands/${command}`, args)
  }

  bad(weather: Weather): void {
    this.line.weather = weather
  }

  calm(): void {
    this.line.weather = CALM
    this.isOnline = true
  }

  /** Everything this person may see of a type, by REST. */
  async listed(type: string): Promise<Map<string, Row>> {
    const found = new Map<string, Row>()
    let after = ''
    do {
      const query = new URLSearchParams({ limit: '200', ...(after ? { after } : {}) })
      const page = await this.line.json<{ items: Row[]; next: string | null }>('GET', `/api/${PATHS[type]}?${query}`)
      for (const row of page.items) found.set(row.id, row)
      after = page.next ?? ''
    } while (after)
    return found
  }

  private note(results: OpResult[]): void {
    for (const result of results) {
      const entry = this.book.get(result.id)
      if (!entry) {
        this.book.early.set(result.id, result)
        continue
      }
      if (entry.status !== result.status || entry.code !== result.code) {
        this.say(this.name, `is told ${result.status} ${result.code ?? ''} for ${entry.command} (op ${entry.op})`)
      }
      entry.status = result.status
      entry.code = result.code
      entry.conflicts = result.conflicts ?? []
    }
  }
}
