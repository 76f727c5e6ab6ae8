/** Brings columns that a new version of the server has into rows that are here already.
 *
 * Rows that nobody writes do not come again for a new column. The first page of a pull says which columns rows have now
 * (`shape`) where that differs from what this phone knows; when the pull is over the new columns alone are asked for. The
 * shape is remembered when everything is in: a tab that is killed in between begins again. */

import type { Cache } from './cache'
import type { Environment } from './environment'
import { call } from './http'
import { rowsOf } from './pages'
import type { Failure } from './push'
import type { Rebase } from './rebase'
import type { FillAnswer, Shape } from './types'

interface Task {
  type: string
  columns: string[]
  /** The type is new: its rows are put, not only their columns. */
  whole: boolean
}

export class Filler {
  constructor(
    private readonly env: Environment,
    private readonly cache: Cache,
    private readonly rebase: Rebase,
  ) {}

  /** What the next pull says of the shape; null on a cold start, where the answer tells it anyway. */
  async known(cold: boolean): Promise<string | null> {
    return (await this.cache.readShape())?.id ?? (cold ? null : '')
  }

  /** A cold start: every row that comes has the columns of this shape. */
  async adopt(shape: Shape): Promise<void> {
    if ((await this.cache.readShape()) === undefined) await this.cache.writeShape(shape)
  }

  /** Fills in what is new and removes what is no more. Null when that is done, or cannot be done now and does no harm. */
  async run(shape: Shape, signal?: AbortSignal): Promise<Failure | null> {
    const before = await this.cache.readShape()
    if (before?.id === shape.id) return null
    for (const [type, columns] of Object.entries(before?.types ?? {})) {
      const now = shape.types[type]
      const gone = now ? columns.filter((name) => !now.includes(name)) : null
      if (gone === null || gone.length > 0) await this.rebase.dropColumns(type, gone)
    }
    for (const task of await this.tasks(before, shape)) {
      const failure = await this.fill(task, signal)
      if (failure === 'stopped') return null
      if (failure) return quiet(failure) ? null : failure
    }
    await this.cache.writeShape(shape)
    this.env.fault?.('fill:stored')
    return null
  }

  /** Without a remembered shape nobody knows what the rows have: all columns of what is here are asked for. */
  private async tasks(before: Shape | undefined, shape: Shape): Promise<Task[]> {
    const tasks: Task[] = []
    for (const [type, columns] of Object.entries(shape.types)) {
      const had = before?.types[type]
      const fresh = columns.filter((name) => !had?.includes(name))
      if (fresh.length === 0) continue
      const whole = before !== undefined && had === undefined
      if (whole || (await this.cache.holdsAny(type))) tasks.push({ type, columns: fresh, whole })
    }
    return tasks
  }

  private async fill(task: Task, signal?: AbortSignal): Promise<Failure | 'stopped' | null> {
    let after = ''
    for (;;) {
      if (signal?.aborted) return 'stopped'
      const query = new URLSearchParams({ type: task.type, columns: task.columns.join(','), after })
      const answer = await call<FillAnswer>(this.env, { method: 'GET', path: `/sync/v1/fill?${query}`, signal })
      if (answer.kind !== 'ok') return answer
      if (typeof answer.body !== 'object' || answer.body?.type !== task.type) {
        return { kind: 'unreachable', message: 'the answer is no fill' }
      }
      this.env.fault?.('fill:answered')
      const rows = rowsOf(answer.body, task.columns)
      if (rows.length > 0) await this.rebase.fillColumns(task.type, rows, task.columns, task.whole)
      if (answer.body.after === undefined) return null
      after = answer.body.after
      await new Promise<void>((resolve) => this.env.after(0, resolve))
    }
  }
}

/** What a pull has brought is there: that a column is still missing is no reason to alarm anybody. */
function quiet(failure: Failure): boolean {
  if (failure.kind !== 'problem' || failure.status === 401 || failure.status === 403) return false
  console.warn('new columns could not be filled in', failure)
  return true
}
