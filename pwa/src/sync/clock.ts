/** The server's time token and how long ago it came, by a clock that nobody can set.
 *
 * A capture record states the token and the monotonic milliseconds since its receipt; the server bounds the time of the
 * shot with it. The monotonic clock starts anew with the page, so after a restart the token is known but its age is
 * not: `since_token_ms` is null until the next pull. */

import type { Environment } from './environment'

export interface TimeAnchor {
  token: string | null
  /** Whole milliseconds since the token came, null when this page has not seen it come. */
  since_token_ms: number | null
  /** ISO, UTC: when the server issued it. */
  server_time: string | null
}

export interface StoredToken {
  token: string
  server_time: string
}

/** Milliseconds that phones are off without anybody minding: answers take time, and minutes are what people read. */
const TOLERATED = 5 * 60_000

export class Clock {
  /** How far the phone is ahead of the server, in milliseconds; 0 while the difference does not matter. */
  off = 0
  private stored: StoredToken | null = null
  private receivedAt: number | null = null

  constructor(
    private readonly env: Environment,
    private readonly keep: (token: StoredToken) => void,
  ) {}

  /** A token from an earlier page. */
  restore(token: StoredToken | undefined): void {
    this.stored ??= token ?? null
  }

  /** A token that has just come, by a pull of this tab or told by the leading one. */
  received(token: string, serverTime: string, fromOtherTab = false): void {
    if (!token) return
    this.stored = { token, server_time: serverTime }
    this.receivedAt = this.env.monotonic()
    const ahead = this.env.now() - Date.parse(serverTime)
    this.off = Math.abs(ahead) > TOLERATED ? Math.round(ahead / 60_000) * 60_000 : 0
    if (!fromOtherTab) this.keep(this.stored)
  }

  anchor(): TimeAnchor {
    return {
      token: this.stored?.token ?? null,
      since_token_ms: this.receivedAt === null ? null : Math.round(this.env.monotonic() - this.receivedAt),
      server_time: this.stored?.server_time ?? null,
    }
  }
}
