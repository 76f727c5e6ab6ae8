/** A phone for tests: an engine over fake-indexeddb that can be killed between any two steps and started again. */

import { IDBFactory, IDBKeyRange } from 'fake-indexeddb'
import { Engine, type EngineOptions } from '../engine'
import type { Channel, Environment, HintStream, Signal } from '../environment'
import { Reducers } from '../reducers'
import type { Declarations, Row } from '../types'
import type { ModelServer } from './server'

export const DECLARATIONS: Declarations = {
  schema: 2,
  records: {
    customer: {
      root: 'customer:id',
      fields: [
        { name: 'name', kind: 'text' },
        { name: 'mobile', kind: 'phone' },
      ],
    },
    visit: {
      root: 'customer:customer_id',
      fields: [
        { name: 'customer_id', kind: 'ref', ref: 'customer' },
        { name: 'name', kind: 'text' },
      ],
    },
    notice: { root: 'company', fields: [{ name: 'name', kind: 'text' }] },
  },
}

/** Thrown where the phone dies. */
export class Killed extends Error {
  override name = 'Killed'
}

/** What a phone speaks to: the model in memory, or a real server. */
export type Server = Pick<ModelServer, 'fetchFor'>

/** Tabs of one phone hear each other, not themselves. */
class Air {
  private readonly ears = new Set<{ name: string; receive: (message: unknown) => void }>()

  channel(name: string, receive: (message: unknown) => void): Channel {
    const ear = { name, receive }
    this.ears.add(ear)
    return {
      post: (message) => {
        const copy = structuredClone(message)
        for (const other of this.ears)
          if (other !== ear && other.name === name) queueMicrotask(() => other.receive(copy))
      },
      close: () => this.ears.delete(ear),
    }
  }
}

export class Phone {
  factory = new IDBFactory()
  reducers = new Reducers()
  readonly signals = new Set<(signal: Signal) => void>()
  /** The streams of hints that this phone has open. */
  readonly hints = new Set<HintStream>()
  private air = new Air()
  private lock = { held: Promise.resolve() }
  employee: string
  skew = 0
  monotonic = 1_000
  isOnline = true
  /** The kind of network as the browser tells it; null: it does not. */
  network: string | null = null
  /** The photos of which the service worker has kept a picture. */
  pictures = new Set<string>()
  killAt: string | null = null
  killAfter = 0
  engine!: Engine

  constructor(
    readonly server: Server,
    employee = 'li',
    readonly declarations: Declarations = DECLARATIONS,
  ) {
    this.employee = employee
  }

  environment(): Environment {
    const fetch = this.server.fetchFor(() => this.employee)
    return {
      indexedDB: this.factory,
      IDBKeyRange: IDBKeyRange as unknown as Environment['IDBKeyRange'],
      databasePrefix: 'phone',
      base: '',
      fetch: (url, init) => (this.isOnline ? fetch(url, init) : Promise.reject(new TypeError('no network'))),
      crypto: globalThis.crypto,
      now: () => Date.now() + this.skew,
      monotonic: () => this.monotonic,
      random: () => 0.5,
      after: (ms, run) => {
        const timer = setTimeout(run, ms)
        return () => clearTimeout(timer)
      },
      online: () => this.isOnline,
      connection: () => (this.network ? { kind: this.network, downlink: null } : null),
      visible: () => true,
      onSignal: (listener) => {
        this.signals.add(listener)
        return () => this.signals.delete(listener)
      },
      lead: async (_name, signal, run) => {
        const before = this.lock.held
        let release = (): void => {}
        this.lock.held = new Promise((resolve) => (release = resolve))
        await before
        try {
          if (!signal.aborted) await run()
        } finally {
          release()
        }
      },
      channel: (name, receive) => this.air.channel(name, receive),
      hints: (_path, heard) => {
        this.hints.add(heard)
        return { close: () => this.hints.delete(heard) }
      },
      storage: null,
      pictures: {
        ids: async () => [...this.pictures],
        drop: async (ids) => (ids ?? [...this.pictures]).forEach((id) => this.pictures.delete(id)),
      },
      fault: (point) => {
        if (this.killAt !== null && (this.killAt === '*' || this.killAt === point) && this.killAfter-- <= 0) {
          this.killAt = null
          throw new Killed(point)
        }
      },
    }
  }

  async start(options: Partial<EngineOptions> = {}): Promise<Engine> {
    this.engine = new Engine(this.environment(), {
      declarations: this.declarations,
      reducers: this.reducers,
      manual: true,
      ...options,
    })
    await this.engine.start()
    return this.engine
  }

  /** The page is gone from one moment to the next; the databases stay as they are. */
  async restart(): Promise<Engine> {
    this.engine.stop()
    this.killAt = null
    return this.start()
  }

  /** Another tab of the same browser: the same databases, locks and channels. */
  tab(): Phone {
    const tab = new Phone(this.server, this.employee, this.declarations)
    this.share(tab)
    return tab
  }

  protected share(tab: Phone): void {
    tab.employee = this.employee
    tab.factory = this.factory
    tab.pictures = this.pictures
    tab.air = this.air
    tab.lock = this.lock
  }

  /** Logged in and with the company's data on it. */
  async ready(): Promise<Engine> {
    const engine = await this.start()
    await engine.loggedIn({ id: this.employee, name: this.employee })
    await engine.syncNow()
    return engine
  }

  async view(): Promise<Map<string, Row>> {
    const found = new Map<string, Row>()
    for (const type of Object.keys(this.declarations.records)) {
      for (const row of await this.engine.rows(type)) found.set(`${type}/${row.id}`, row)
    }
    return found
  }
}

/** Waits until something becomes true; for tests of the loop, which runs by itself. */
export async function eventually(check: () => boolean | Promise<boolean>, within = 3_000): Promise<void> {
  const end = Date.now() + within
  while (!(await check())) {
    if (Date.now() > end) throw new Error('it did not happen')
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
