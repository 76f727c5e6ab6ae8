/**
 * Whole record types in memory, read once and then followed row by row. For what every screen asks for (names, prices,
 * lists) and for what is searched while one types; a screen's own few rows come from `useRows`.
 */
import { nextTick, shallowRef, type ShallowRef } from 'vue'
import type { Engine } from '@/sync/engine'
import { restAfter } from '@/sync/live'
import type { Row } from '@/sync/types'
import { useEngine } from '@/sync/vue'

export type Table<T extends Row = Row> = Readonly<ShallowRef<ReadonlyMap<string, T> | undefined>>

/** More changed rows than this, whose content did not come with the change, are read as one whole table. */
const MOST_SINGLE_READS = 40

/** What differs: rows as they are now, or null where that has to be read. */
type Wanted = Map<string, Row | null> | 'all'

const open = new Map<string, Table>()
let owner: Engine | null = null

/** undefined until the first reading is done; then a new map whenever a row differs. */
export function useTable<T extends Row = Row>(type: string): Table<T> {
  const engine = useEngine()
  if (engine !== owner) open.clear()
  owner = engine
  const found = open.get(type) ?? follow(engine, type)
  open.set(type, found)
  return found as Table<T>
}

function follow(engine: Engine, type: string): Table {
  const rows = shallowRef<ReadonlyMap<string, Row>>()
  let wanted: Wanted | null = 'all'
  let running = false

  async function read(now: Wanted): Promise<ReadonlyMap<string, Row>> {
    const unknown = now === 'all' ? [] : [...now].flatMap(([id, row]) => (row ? [] : [id]))
    if (now === 'all' || unknown.length > MOST_SINGLE_READS || !rows.value)
      return new Map((await engine.rows(type)).map((row) => [row.id, row]))
    const next = new Map(rows.value)
    for (const [id, row] of now) if (row) next.set(id, row)
    for (const id of unknown) {
      const row = await engine.get(type, id)
      if (row) next.set(id, row)
      else next.delete(id)
    }
    return next
  }
  async function run(): Promise<void> {
    if (running) return
    running = true
    while (wanted !== null) {
      const now: Wanted = wanted
      wanted = null
      const began = performance.now()
      try {
        rows.value = await read(now)
      } catch (error) {
        // The status says what is wrong with the storage; what was read before stays on the screen.
        console.error(error)
      }
      if (engine.status.value.complete || !rows.value?.size) continue
      // A cold start puts thousands of rows: once there are some to see, most of the processor is left for the rest.
      await nextTick()
      await restAfter(performance.now() - began)
    }
    running = false
  }
  engine.onChanges((changes) => {
    const ids = changes.get(type)
    if (ids === undefined) return
    if (ids === null || wanted === 'all') wanted = 'all'
    else {
      wanted ??= new Map()
      for (const id of ids) wanted.set(id, changes.row(type, id) ?? null)
    }
    void run()
  })
  void run()
  return rows
}
