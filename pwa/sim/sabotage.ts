/** What goes wrong on purpose, so that a test can see the checks notice it. Each hits once, as soon as it can. */
import type { OpResult, OutboxOp, Row, WireOp } from '@/sync/types'
import type { Actor } from './actor'

export interface Sabotage {
  /** Changes what is sent. */
  request?(path: string, body: string): string | undefined
  /** Changes what comes back. */
  answer?(path: string, text: string): string | undefined
  /** Does something to a device, between two steps; true when it was done. */
  device?(actor: Actor): Promise<boolean>
}

interface Column {
  columns?: string[]
  values?: Array<unknown[] | { same: unknown }>
  gone?: unknown[]
}
interface Page {
  after?: string | null
  drop?: string[]
  roots?: string[]
  types?: Record<string, Column>
}

/** Alters what comes down, every page and every repair: what is damaged once would be repaired by the next comparison. */
function onPage(alter: (page: Page) => boolean): () => Sabotage {
  return () => ({
    answer(path, text) {
      if (!path.startsWith('/sync/v1/pull') && !path.startsWith('/sync/v1/digest')) return undefined
      const page = JSON.parse(text) as Page
      return alter(page) ? JSON.stringify(page) : undefined
    },
  })
}

const stores = (actor: Actor) =>
  (
    actor.engine as unknown as {
      stores: {
        outbox: { ops: { toArray(): Promise<OutboxOp[]>; delete(id: string): Promise<void> } }
        cache: { table(type: string): { put(row: object): Promise<unknown> } }
      }
    }
  ).stores

const lists = (column: Column): unknown[][] => (column.values ?? []).filter((part) => Array.isArray(part))
const customers = (page: Page): Column | undefined => page.types?.customer

function onDevice(work: (actor: Actor) => Promise<boolean>): () => Sabotage {
  return () => {
    let done = false
    return {
      async device(actor) {
        done ||= await work(actor)
        return done
      },
    }
  }
}

export const SABOTAGES: Record<string, () => Sabotage> = {
  /** The last row of every page never arrives. */
  'row lost': onPage((page) => {
    const found = customers(page)
    const count = found === undefined ? 0 : (lists(found)[0] ?? []).length
    if (!found || count === 0) return false
    if (count === 1) delete page.types!.customer
    for (const list of lists(found)) list.pop()
    return true
  }),

  /** Values are changed on the way down. */
  'value altered': onPage((page) => {
    const at = customers(page)?.columns?.indexOf('name') ?? -1
    const names = customers(page)?.values?.[at]
    if (!Array.isArray(names) || names.length === 0) return false
    names[0] = `${String(names[0])}?`
    return true
  }),

  /** Rows that are not for this person. */
  'foreign row': onPage((page) => {
    const column = customers(page)
    const ids = column?.values?.[0]
    if (!Array.isArray(ids) || ids.length === 0) return false
    for (const list of lists(column!)) list.push(list[list.length - 1])
    ids[ids.length - 1] = `${String(ids[0]).slice(0, 24)}${'f'.repeat(12)}`
    return true
  }),

  /** What is to leave the device stays. */
  'drop lost': onPage((page) => {
    if (!page.drop?.length) return false
    page.drop = []
    return true
  }),

  /** An op is said to be done and was never run. */
  'lie about an op': () => {
    let hidden: WireOp | null = null
    return {
      request(path, body) {
        if (path !== '/sync/v1/push' || hidden) return undefined
        const push = JSON.parse(body) as { ops: WireOp[] }
        const at = push.ops.findIndex(({ command }) => command === 'customer.create')
        if (at < 0) return undefined
        hidden = push.ops[at]!
        push.ops.splice(at, 1)
        return JSON.stringify(push)
      },
      answer(path, text) {
        if (path !== '/sync/v1/push' || !hidden) return undefined
        const answer = JSON.parse(text) as { position: number; results: OpResult[] }
        const result: OpResult = { id: hidden.id, status: 'applied', code: null, position: answer.position }
        answer.results.push(result)
        return JSON.stringify(answer)
      },
    }
  },

  /** An op vanishes from the outbox. */
  'op lost': onDevice(async (actor) => {
    const op = (await stores(actor).outbox.ops.toArray()).find(({ state }) => state === 'waiting')
    if (op) await stores(actor).outbox.ops.delete(op.id)
    return op !== undefined
  }),

  /** One's own edit is not shown any more although it waits. */
  flicker: onDevice(async (actor) => {
    for (const op of await stores(actor).outbox.ops.toArray()) {
      if (op.state !== 'waiting' || op.command !== 'customer.edit') continue
      const { id, set } = op.args as { id: string; set: Record<string, [unknown, unknown]> }
      const row = await actor.engine.get('customer', id)
      const [field, [base, mine]] = Object.entries(set)[0]!
      if (row?._op?.at(-1) !== op.id || row[field] !== mine) continue
      await stores(actor)
        .cache.table('customer')
        .put({ ...row, [field]: base })
      return true
    }
    return false
  }),

  /** The server's version of somebody else's row stays behind, out of sight. */
  'shadow left': onDevice(async (actor) => {
    const row: Row = { id: 'x', rev: 1, root: 'customer:somebody-elses' }
    await stores(actor)
      .cache.table('_strangers')
      .put({ ...row, type: 'gift' })
    return true
  }),
}
