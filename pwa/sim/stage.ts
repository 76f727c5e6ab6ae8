/** The other half of the simulator (tests/sim/stage.py): it has the database and the server process. One JSON line asks,
 * one answers. */
import { createInterface } from 'node:readline'

export interface Cast {
  /** Where the server listens. */
  url: string
  password: string
  seed: string
  /** Ends after so many steps, or with the step in which so many ops have been written. */
  steps: number
  ops: number
  /** Only these steps are played; null: all. */
  only: number[] | null
  /** Most ops that one turn of a person has. */
  burst: number
  /** Names of the devices that take part; null: all. */
  devices: string[] | null
  /** Faults that are switched on. */
  faults: string[]
  /** What is to go wrong so that a check must notice; null: nothing. */
  sabotage: string | null
  /** A JPEG to photograph, as a path. */
  picture: string
}

/** What a phone was told of one op. */
export interface LedgerEntry {
  device: string
  op: string
  employee: string
  command: string
  args: Record<string, unknown>
  /** Last result that reached the phone: status and code; null when none has. */
  status: string | null
  code: string | null
  conflicts: string[]
  /** The user has dismissed, discarded or corrected it. */
  gone: boolean
  /** Written before the database was put back to an earlier moment: delivered again, and what it comes to may differ. */
  restored: boolean
  /** In the figures already. */
  counted: boolean
}

export interface Asks {
  kill: { ask: object; answer: null }
  start: { ask: object; answer: null }
  /** Roots each employee may hold. */
  access: { ask: object; answer: Record<string, string[]> }
  /** What is wrong with these ops and with the database as a whole, in words. */
  audit: { ask: { ledger: LedgerEntry[] }; answer: string[] }
  /** Begins a transaction that stays open for so many seconds; `unstall` waits for the end of all of them. */
  stall: { ask: { seconds: number }; answer: null }
  unstall: { ask: object; answer: null }
  /** Keeps a copy of the database; `restore` kills the server, puts the copy back and starts it again. */
  backup: { ask: object; answer: null }
  restore: { ask: object; answer: null }
}

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]()
let turn: Promise<unknown> = Promise.resolve()

export function ask<K extends keyof Asks>(what: K, more: Asks[K]['ask'] = {}): Promise<Asks[K]['answer']> {
  const answer = turn.then(async () => {
    process.stdout.write(`${JSON.stringify({ ask: what, ...more })}\n`)
    const line = await lines.next()
    if (line.done) throw new Error('the stage is gone')
    const said = JSON.parse(line.value) as { answer?: unknown; error?: string }
    if (said.error !== undefined) throw new Error(said.error)
    return said.answer as Asks[K]['answer']
  })
  turn = answer.catch(() => {})
  return answer
}

export function tell(message: object): void {
  process.stdout.write(`${JSON.stringify(message)}\n`)
}
