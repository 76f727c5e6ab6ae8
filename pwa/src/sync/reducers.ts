/** What a command does to the rows on screen before the server has answered.
 *
 * A reducer is a guess the server will correct. Three rules:
 * - It awaits nothing but its `tx`: it runs inside an IndexedDB transaction, which ends at any other await.
 * - It may meet rows that already contain the op (between the answer and the page that confirms it), so it sets values
 *   rather than adding to them; where it must add, it asks `tx.contains(row)` first.
 * - It may throw: the op is marked and sent all the same, and the other ops are not affected. */

import { SyncError } from './errors'
import { preview } from './merge'
import type { Declarations, OutboxOp, Row } from './types'

export type NewRow = { id: string; rev?: number; root?: string; [field: string]: unknown }

export interface ReducerTx {
  get(type: string, id: string): Promise<Row | undefined>
  /** Puts a whole row; `rev` and `root` are filled in when absent. */
  put(type: string, row: NewRow): Promise<void>
  /** Throws SyncError `row_missing` when the row is not on this phone. */
  patch(type: string, id: string, fields: Record<string, unknown>): Promise<void>
  remove(type: string, id: string): Promise<void>
  /** Rows of an indexed field (references and `root`), pending changes included. */
  where(type: string, index: string, value: string): Promise<Row[]>
  /** Whether the server's version of this row already contains the op being replayed. */
  contains(row: Row): boolean
  readonly op: OutboxOp
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- each reducer knows its command's arguments
export type Reducer = (tx: ReducerTx, args: any, op: OutboxOp) => Promise<void> | void

export class Reducers {
  private readonly named = new Map<string, Reducer>()
  private records: Declarations['records'] = {}

  /** What the generic edit has to know: which fields the server joins instead of asking. */
  declare(declarations: Declarations): void {
    this.records = declarations.records
  }

  add(command: string, reducer: Reducer): void {
    this.named.set(command, reducer)
  }

  /** The reducer of a command: the area's own, else the generic one of `<record>.create|edit|delete`. */
  find(command: string, knows: (type: string) => boolean): Reducer {
    const own = this.named.get(command)
    if (own) return own
    const dot = command.lastIndexOf('.')
    const type = command.slice(0, dot)
    const generic = GENERIC[command.slice(dot + 1)]
    if (!generic || !knows(type)) throw new SyncError('unknown_command', command)
    return generic(type, (field) => this.records[type]?.fields.find(({ name }) => name === field)?.policy)
  }
}

/** The reducers of the app; areas register theirs from `src/areas/<area>/commands.ts`. */
export const appReducers = new Reducers()

export function reducer(command: string, run: Reducer): void {
  appReducers.add(command, run)
}

const GENERIC: Record<string, (type: string, policyOf: (field: string) => string | undefined) => Reducer> = {
  create: (type) => async (tx, args: { id: string; values?: Record<string, unknown> }) => {
    // A row the server already has is newer than our wish for it: number, price and owner were decided there.
    const there = await tx.get(type, args.id)
    if (there && there.rev > 0) return
    await tx.put(type, {
      created_at: tx.op.at,
      created_by: tx.op.employee,
      ...args.values,
      id: args.id,
    })
  },
  edit: (type, policyOf) => async (tx, args: { id: string; set: Record<string, [unknown, unknown]> }) => {
    const row = await tx.get(type, args.id)
    const contained = row !== undefined && tx.contains(row)
    const shown = Object.entries(args.set).map(([field, [base, mine]]) => {
      const policy = policyOf(field)
      // What the server has joined already is not joined once more.
      if (contained && policy === 'append') return [field, row[field]]
      return [field, row ? preview(policy, base, mine, row[field]) : mine]
    })
    await tx.patch(type, args.id, Object.fromEntries(shown))
  },
  delete: (type) => (tx, args: { id: string }) => tx.remove(type, args.id),
}
