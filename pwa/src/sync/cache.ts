/** The database `…-cache`: the company's rows this phone may hold, with the user's unsent work replayed on top.
 *
 * Disposable: it can be deleted at any moment and is filled again by the next pull. One table per record type of the
 * declarations, plus the engine's own, whose names begin with an underscore:
 * - `_shadow`  the server's version of every row that pending ops have touched (`row: null`: the server has none)
 * - `_marks`   which pending ops are in the view, what they touched, and which could not be replayed
 * - `_roots`   the roots held (`held: 1`) and those taken away (`held: 0`)
 * - `_cursor`  where the next pull goes on, and which columns the rows have
 * - `_stale`   rows of roots that the running pull sends whole and that have not come yet; what is left at its end goes
 * - `_strangers` rows of types this build does not know; adopted when an update brings their declaration
 * - `_answers` the last answers of what is only ever read online, so that a manager's screens open without network */

import Dexie, { type Table, type Transaction } from 'dexie'
import type { Environment } from './environment'
import { SyncError, storageCode } from './errors'
import { rootByRule } from './pages'
import type { Declarations, RecordDeclaration, Row, Shape } from './types'

export interface Shadow {
  type: string
  id: string
  row: Row | null
}

export interface OpMark {
  op: string
  /** "type/id" of every row the op changed. */
  touched: string[]
  /** Why the op shows no effect: `row_missing`, `root_lost`, `unknown_command` or `reducer_failed`; null when it does. */
  problem: string | null
  message: string | null
}

export interface CursorRow {
  key: 'pull'
  epoch: string
  cursor: string
  /** The state contains every op up to here. Only a pull of one page moves it: while a longer one is under way, rows
   * change behind its back and come with the next pull. */
  position: number
  /** More pages of this pull are to come. */
  unfinished: boolean
  complete: boolean
  schema: number
  at: number
  /** Why the rows are to be compared with the server's: `moved`, they are of another epoch, and `position` means nothing
   * before; `due`, tombstones were missed. */
  compare?: 'moved' | 'due'
  /** When they were last, by the server's clock; milliseconds since 1970. */
  compared?: number
}

/** Which columns the rows have, as the server said when they came. */
export interface ShapeRow extends Shape {
  key: 'shape'
}

/** What the server said to one question, and when (milliseconds since 1970). */
export interface KeptAnswer {
  key: string
  value: unknown
  at: number
}

export const INTERNAL_TABLES = {
  _shadow: '[type+id]',
  _marks: 'op, *touched',
  _roots: 'root',
  _cursor: 'key',
  _stale: '[type+id]',
  _strangers: '[type+id], root, type',
  _answers: 'key, at',
} as const

/** The references by which screens and commands look rows up. An index on each of the others (a customer has twelve)
 * would make a cold start several times as long; what is asked for by one of them is searched for. */
const LOOKED_UP = new Set([
  'customer_id',
  'visit_id',
  'order_id',
  'report_id',
  'employee_id',
  'visitor_id',
  'author_id',
])

/** The indexes of one record's table: id and root, references rows are looked up by, and fields that ask for it. The
 * reference that says the root needs none: each index costs a cold start as much as the rows themselves. */
export function indexedFields(record: RecordDeclaration): string {
  const found = new Set(['id', 'root'])
  const told = rootField(record)?.field
  for (const { name, kind, index } of record.fields) {
    if (kind === 'refs') found.add(`*${name}`)
    else if (((kind === 'ref' && LOOKED_UP.has(name)) || index) && name !== told) found.add(name)
  }
  return [...found].join(', ')
}

/** The one field that says the root of a record's rows, and the kind of root; null where none or several do. */
function rootField(record: RecordDeclaration | undefined): { kind: string; field: string } | null {
  const [, kind, field] = /^(\w+):(\w+)$/.exec(record?.root ?? '') ?? []
  return kind && field && field !== 'id' ? { kind, field } : null
}

/** The tables, by what they hold. */
export class Tables {
  constructor(
    protected readonly named: (name: string) => Table,
    protected readonly declarations: Declarations,
  ) {}

  table(type: string): Table<Row, string> {
    return this.named(type) as Table<Row, string>
  }

  /** Rows in which this field has this value, or this among others. */
  rowsBy(type: string, field: string, value: string): PromiseLike<Row[]> {
    const table = this.table(type)
    if (field in table.schema.idxByName) return table.where(field).equals(value).toArray()
    const told = rootField(this.declarations.records[type])
    if (told?.field === field && value !== '') {
      const under = table.where('root').equals(`${told.kind}:${value}`)
      return under.filter((row) => row[field] === value).toArray()
    }
    return table.filter((row) => row[field] === value || [row[field]].flat().includes(value)).toArray()
  }

  get shadow(): Table<Shadow, [string, string]> {
    return this.named('_shadow') as Table<Shadow, [string, string]>
  }
  get marks(): Table<OpMark, string> {
    return this.named('_marks') as Table<OpMark, string>
  }
  get roots(): Table<{ root: string; held: 0 | 1 }, string> {
    return this.named('_roots') as Table<{ root: string; held: 0 | 1 }, string>
  }
  get cursor(): Table<CursorRow, string> {
    return this.named('_cursor') as Table<CursorRow, string>
  }
  get shape(): Table<ShapeRow, string> {
    return this.named('_cursor') as Table<ShapeRow, string>
  }
  get stale(): Table<{ type: string; id: string }, [string, string]> {
    return this.named('_stale') as Table<{ type: string; id: string }, [string, string]>
  }
  get answers(): Table<KeptAnswer, string> {
    return this.named('_answers') as Table<KeptAnswer, string>
  }
  get strangers(): Table<Row & { type: string }, [string, string]> {
    return this.named('_strangers') as Table<Row & { type: string }, [string, string]>
  }
}

/** The tables inside one transaction. They are bound to it: Dexie's own tracking of the current transaction is lost
 * after a hundred awaits that do no request, and a long replay does more. */
export class TransactionTables extends Tables {
  constructor(
    private readonly transaction: Transaction,
    declarations: Declarations,
  ) {
    super((name) => transaction.table(name), declarations)
  }

  /** Puts rows of one type past Dexie, which notes every key of every index for live queries of its own. */
  putAll(type: string, rows: readonly Row[]): Promise<void> {
    const store = this.transaction.idbtrans.objectStore(type)
    return new Promise((resolve, reject) => {
      let last: IDBRequest | undefined
      for (const row of rows) {
        const request = store.put(row)
        request.onerror = () => reject(request.error)
        last = request
      }
      if (last) last.onsuccess = () => resolve()
      else resolve()
    })
  }

  get active(): boolean {
    return this.transaction.active
  }
}

export class Cache extends Tables {
  private db: Dexie
  /** By us, for good; a connection closed by anybody else is opened again. */
  private closed = false
  readonly types: ReadonlySet<string>

  constructor(
    private readonly env: Environment,
    declarations: Declarations,
  ) {
    super((name) => this.db.table(name), declarations)
    this.types = new Set(
      Object.keys(declarations.records).filter((type) => declarations.records[type]!.synced !== false),
    )
    this.db = this.connect()
  }

  private connect(): Dexie {
    if (!this.env.indexedDB) throw new SyncError('storage_unavailable')
    const db = new Dexie(`${this.env.databasePrefix}-cache`, {
      indexedDB: this.env.indexedDB,
      IDBKeyRange: this.env.IDBKeyRange,
      cache: 'disabled',
      // Losing the last page in a power cut costs a repeated page; waiting for the disk would cost every page.
      chromeTransactionDurability: 'relaxed',
    })
    const stores: Record<string, string> = { ...INTERNAL_TABLES }
    for (const type of this.types) stores[type] = indexedFields(this.declarations.records[type]!)
    // The version never grows: Dexie adds missing tables and indexes by itself when the declarations have more.
    db.version(1).stores(stores)
    return db
  }

  async open(): Promise<void> {
    await this.db.open()
    await this.adoptStrangers()
  }

  close(): void {
    this.closed = true
    this.db.close()
  }

  readCursor(): Promise<CursorRow | undefined> {
    return this.guard(() => this.cursor.get('pull'))
  }

  readShape(): Promise<ShapeRow | undefined> {
    return this.guard(() => this.shape.get('shape'))
  }

  async writeShape({ id, types }: Shape): Promise<void> {
    await this.guard(() => this.shape.put({ key: 'shape', id, types }))
  }

  /** Whether there is a row of this type, known to this build or not. */
  async holdsAny(type: string): Promise<boolean> {
    return this.guard(async () => {
      const rows = this.types.has(type) ? this.table(type).toCollection() : this.strangers.where('type').equals(type)
      return (await rows.limit(1).count()) > 0
    })
  }

  /** One write transaction over every table; nothing of it is seen before all of it is. */
  transaction<T>(work: (tables: TransactionTables) => Promise<T>): Promise<T> {
    return this.guard(() =>
      this.db.transaction('rw', this.db.tables, (tx) => work(new TransactionTables(tx, this.declarations))),
    )
  }

  /** Runs a read or write; a connection the browser has closed under us is opened again once. */
  async guard<T>(work: () => PromiseLike<T>): Promise<T> {
    const { db } = this
    try {
      return await work()
    } catch (error) {
      if (this.closed || storageCode(error) !== 'storage_closed') throw error
      // Others fail at the same moment: whoever comes first opens it anew, for all.
      if (this.db === db) {
        db.close()
        this.db = this.connect()
      }
      await this.db.open()
      return await work()
    }
  }

  /** Forgets everything: the device was revoked, or somebody else logged in. Other tabs keep their connections. */
  async wipe(): Promise<void> {
    await this.transaction(async () => {
      for (const table of this.db.tables) await table.clear()
    })
  }

  /** Deletes the database and makes a new one, when the old one cannot be opened. */
  async recreate(): Promise<void> {
    this.db.close()
    await this.db.delete()
    this.db = this.connect()
    await this.db.open()
  }

  /** Which root a row of this type with these values belongs to. */
  rootOf(type: string, values: { id: string; [field: string]: unknown }): string {
    return rootByRule(this.declarations.records[type]?.root ?? 'company', values)
  }

  /** The fields of a type, each of which every cached row has. */
  fieldsOf(type: string): string[] {
    return this.declarations.records[type]?.fields.map((field) => field.name) ?? []
  }

  private async adoptStrangers(): Promise<void> {
    const known = (await this.strangers.orderBy('type').uniqueKeys()).filter((type) => this.types.has(String(type)))
    if (known.length === 0) return
    await this.transaction(async () => {
      for (const key of known) {
        const rows = await this.strangers.where('type').equals(key).toArray()
        await this.table(String(key)).bulkPut(rows.map(({ type: _type, ...row }) => row as Row))
        await this.strangers.where('type').equals(key).delete()
      }
    })
  }
}
