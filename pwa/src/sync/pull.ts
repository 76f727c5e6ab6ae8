/** Fetches state page by page until there is no more, and hands each page to the rebase. */

import type { Cache } from './cache'
import type { Clock } from './clock'
import type { Environment } from './environment'
import type { Filler } from './fill'
import { call, type Answer } from './http'
import { countOf } from './pages'
import type { Failure } from './push'
import { StalePage, type Rebase } from './rebase'
import type { Me, PullPage, Shape } from './types'

export interface PullOutcome {
  pages: number
  failure: Failure | null
  /** Nothing more was to come. */
  finished?: boolean
}

export interface PullHooks {
  /** After each stored page: rows stored so far, rows to come. */
  progress(received: number, remaining: number): void
  me(me: Me): Promise<void>
  /** Between two pages: what the user has done meanwhile goes out first. False ends the pull. */
  between(): Promise<boolean>
}

/** Two tabs can pull at once only where there are no Web Locks; whoever is overtaken starts again from what the other has
 * stored. After so many times in a row without a page of one's own, the other is left to finish. */
const MOST_OVERTAKEN = 5
const FIRST_ROWS = 300

export class Puller {
  private shape: Shape | null = null

  constructor(
    private readonly env: Environment,
    private readonly cache: Cache,
    private readonly rebase: Rebase,
    private readonly filler: Filler,
    private readonly clock: Clock,
    private readonly schema: number,
  ) {}

  /** All pages, and then the columns that are new since this phone asked last. */
  async pull(hooks: PullHooks, signal?: AbortSignal): Promise<PullOutcome> {
    this.shape = null
    const outcome = await this.pullPages(hooks, signal)
    const shape = this.shape as Shape | null
    if (shape === null || outcome.failure || !outcome.finished || signal?.aborted) return outcome
    return { ...outcome, failure: await this.filler.run(shape, signal) }
  }

  private async pullPages(hooks: PullHooks, signal?: AbortSignal): Promise<PullOutcome> {
    const ending = new AbortController()
    const stop = () => ending.abort()
    signal?.addEventListener('abort', stop)
    try {
      return await this.pageByPage(hooks, ending.signal)
    } finally {
      signal?.removeEventListener('abort', stop)
      stop() // what was asked for ahead
    }
  }

  private async pageByPage(hooks: PullHooks, signal: AbortSignal): Promise<PullOutcome> {
    let pages = 0
    let received = 0
    let overtaken = 0
    let start = (await this.cache.readCursor())?.cursor ?? null
    let stored = start
    let after: string | null = null
    let confirming = false
    let ahead: Promise<Answer<PullPage>> | null = null
    for (;;) {
      const answer: Answer<PullPage> = await (ahead ?? this.ask(start, after, signal))
      ahead = null
      if (answer.kind !== 'ok') return { pages, failure: answer }
      const page: PullPage = answer.body
      if (!isPage(page)) return { pages, failure: { kind: 'unreachable', message: 'the answer is no page' } }
      this.clock.received(page.time_token, page.server_time)
      this.env.fault?.('pull:answered')
      if (page.me) await hooks.me(page.me)
      if (page.after !== undefined) {
        // While this page is stored, the next one is on its way.
        ahead = this.ask(start, page.after, signal)
        ahead.catch(() => undefined) // whoever waits for it hears of it
      }
      try {
        await this.rebase.applyPage(page, stored)
      } catch (error) {
        if (!(error instanceof StalePage)) throw error
        if (++overtaken > MOST_OVERTAKEN) {
          return { pages, failure: { kind: 'unreachable', message: 'another tab is ahead' } }
        }
        start = stored = (await this.cache.readCursor())?.cursor ?? null
        after = ahead = null
        continue
      }
      if (page.shape) {
        if (start === null) await this.filler.adopt(page.shape)
        this.shape = page.shape
      }
      pages += 1
      overtaken = 0
      stored = page.cursor
      received += Object.values(page.types ?? {}).reduce((sum, part) => sum + countOf(part), 0)
      hooks.progress(received, page.remaining ?? 0)
      if (page.after === undefined) {
        // A long pull is not one moment of the server: one more, of one page, says up to where the state is whole.
        if (confirming || !(await this.isLong(pages))) return { pages, failure: null, finished: true }
        confirming = true
        start = page.cursor
      }
      after = page.after ?? null
      // A breath for the screen, so that typing and scrolling go on during a cold start.
      await new Promise<void>((resolve) => this.env.after(0, resolve))
      if (signal.aborted || !(await hooks.between())) return { pages, failure: null }
    }
  }

  private async ask(start: string | null, after: string | null, signal: AbortSignal): Promise<Answer<PullPage>> {
    const query = new URLSearchParams({ schema: String(this.schema) })
    if (start !== null) query.set('cursor', start)
    if (after !== null) query.set('after', after)
    // The first rows of a cold start are on the screen soon; the rest comes in pages as large as the server likes.
    else if (start === null) query.set('limit', String(FIRST_ROWS))
    const known = await this.filler.known(start === null)
    if (known !== null) query.set('shape', known)
    return call<PullPage>(this.env, { method: 'GET', path: `/sync/v1/pull?${query}`, signal })
  }

  /** Whether the pull that has just ended had several pages, those before a restart of the browser included. */
  private async isLong(pages: number): Promise<boolean> {
    return pages > 1 || (await this.cache.readCursor())?.position === -1
  }
}

function isPage(page: PullPage | undefined): page is PullPage {
  return typeof page === 'object' && page !== null && typeof page.cursor === 'string'
}
