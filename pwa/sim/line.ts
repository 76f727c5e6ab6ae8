/** One device's connection: its session cookie, and everything a bad network does to requests. */
import type { Dice } from './dice'
import type { OpResult, PushAnswer } from '@/sync/types'
import type { Sabotage } from './sabotage'

/** Shares of requests, 0 … 1. */
export interface Weather {
  /** The request never arrives. */
  lost: number
  /** The server has done its work, the answer does not come back. */
  unanswered: number
  /** The request arrives twice, one after the other or at the same time. */
  twice: number
  /** The phone has given up already; the request arrives later, after others. */
  late: number
  /** Up to 40 ms in each direction. */
  slow: number
}

/** How often each has happened in this process. */
export const WEATHERED: Record<keyof Weather, number> = { lost: 0, unanswered: 0, twice: 0, late: 0, slow: 0 }

export const CALM: Weather = { lost: 0, unanswered: 0, twice: 0, late: 0, slow: 0 }

export class Line {
  cookie = ''
  weather: Weather = CALM
  /** Rows a page of a pull has at most; 0: as many as the server gives. */
  pageRows = 0
  sabotage: Sabotage | null = null
  /** Called when a push is on its way. */
  onPush: (() => void) | null = null
  /** Results that have reached the phone. */
  onResults: ((results: OpResult[]) => void) | null = null
  private readonly stragglers = new Set<Promise<unknown>>()

  constructor(
    private readonly base: string,
    public dice: Dice,
    private readonly tell: (text: string) => void,
  ) {}

  readonly fetch = async (path: string, init: RequestInit = {}): Promise<Response> => {
    const { weather, dice } = this
    const name = `${init.method ?? 'GET'} ${path.split('?')[0]}`
    const isPush = path === '/sync/v1/push'
    // All dice are thrown for every request, whatever becomes of it.
    const [lost, late, twice, unanswered, slow] = [
      dice.chance(weather.lost),
      dice.chance(weather.late),
      dice.chance(weather.twice),
      dice.chance(weather.unanswered),
      dice.chance(weather.slow),
    ]
    const [there, back, together] = [dice.whole(1, 40), dice.whole(1, 40), dice.chance(0.5)]
    const happened = { lost, late: late && !lost, twice, unanswered, slow }
    for (const [kind, does] of Object.entries(happened)) if (does) WEATHERED[kind as keyof Weather] += 1
    if (lost) {
      this.tell(`${name}: lost on the way`)
      throw new TypeError('lost')
    }
    if (late) {
      this.tell(`${name}: given up by the phone, arrives ${there * 10} ms later`)
      const straggler = sleep(there * 10).then(() => this.send(path, { ...init, signal: null }))
      this.keep(straggler)
      throw new TypeError('given up')
    }
    if (slow) await sleep(there)
    if (isPush) this.onPush?.()
    const first = this.send(path, init)
    if (twice) {
      this.tell(`${name}: arrives twice${together ? ' at once' : ''}`)
      const again = together ? this.send(path, init) : first.then(() => this.send(path, init))
      this.keep(again)
      if (!together) await again.catch(() => {})
    }
    const response = await first
    let text = response.status === 204 ? null : await response.text()
    if (text !== null && response.ok) text = this.sabotage?.answer?.(path, text) ?? text
    if (slow) await sleep(back)
    if (unanswered) {
      this.tell(`${name}: done (${response.status}), the answer is lost`)
      throw new TypeError('answer lost')
    }
    if (isPush && response.ok && text) this.onResults?.((JSON.parse(text) as PushAnswer).results)
    if (response.status >= 500) this.tell(`${name}: ${response.status} ${text?.slice(0, 300)}`)
    return new Response(text, { status: response.status, headers: response.headers })
  }

  /** Waits for requests that were under way behind the phone's back. */
  async drain(): Promise<void> {
    while (this.stragglers.size > 0) await Promise.allSettled(this.stragglers)
  }

  async json<T = unknown>(method: string, path: string, body?: unknown): Promise<T> {
    const headers = { 'Content-Type': 'application/json', 'Idempotency-Key': globalThis.crypto.randomUUID() }
    const init = { method, headers, body: body === undefined ? undefined : JSON.stringify(body) }
    // A connection that was kept from before the server died: the same once more, on a new one.
    const response = await this.send(path, init).catch(async () => {
      await sleep(50)
      return this.send(path, init)
    })
    const text = await response.text()
    if (!response.ok) throw new Refused(response.status, text)
    return (text === '' ? null : JSON.parse(text)) as T
  }

  private keep(request: Promise<unknown>): void {
    const quiet = request.then(
      () => {},
      () => {},
    )
    this.stragglers.add(quiet)
    void quiet.then(() => this.stragglers.delete(quiet))
  }

  private async send(path: string, init: RequestInit): Promise<Response> {
    const headers = new Headers(init.headers)
    if (this.cookie) headers.set('Cookie', this.cookie)
    const { method, signal } = init
    const body = typeof init.body === 'string' ? (this.sabotage?.request?.(path, init.body) ?? init.body) : init.body
    // Small pages, so that a small company has pulls of many pages.
    const paged = this.pageRows && path.startsWith('/sync/v1/pull') ? `${path}&limit=${this.pageRows}` : path
    const response = await fetch(this.base + paged, { method, body, signal, headers })
    const set = response.headers.get('set-cookie')
    if (set) this.cookie = set.split(';')[0]!
    return response
  }
}

export class Refused extends Error {
  override name = 'Refused'
  readonly code: string
  constructor(
    readonly status: number,
    text: string,
  ) {
    super(`${status} ${text.slice(0, 500)}`)
    this.code = readCode(text)
  }
}

function readCode(text: string): string {
  try {
    return String((JSON.parse(text) as { code?: unknown }).code ?? '')
  } catch {
    return ''
  }
}

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
