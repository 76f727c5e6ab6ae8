/** How large the pieces of a photo are and how many photos go up at once, from what the network did lately.
 *
 * A piece takes about three seconds: what is cut off costs no more than that, ops get their turn in between, and on a
 * fast line a whole photo is one piece. Several at once help where answers take longer than bytes; on a slow line they
 * would only share it. */

/** Bytes. */
const LEAST = 32 * 1024
const MOST = 2 * 1024 * 1024
const FIRST = 128 * 1024
/** Milliseconds a piece should take. */
const WANTED = 3_000
/** Bytes a millisecond of the whole line, from which on one more photo goes up beside the others. */
const STEPS = [64, 512]

export class Pace {
  /** Bytes a millisecond that one upload had, and that all had together; null until something was measured. */
  private own: number | null = null
  private line: number | null = null

  /** `estimate`: what the browser believes of the network, in bytes a millisecond. */
  constructor(estimate: number | null = null) {
    // It says little of the way up: a quarter of it is a beginning.
    if (estimate !== null && estimate > 0) this.own = estimate / 4
  }

  /** Bytes of the next piece. */
  get piece(): number {
    if (this.own === null) return FIRST
    const wanted = Math.min(MOST, Math.max(LEAST, this.own * WANTED))
    return Math.floor(wanted / LEAST) * LEAST
  }

  /** How many photos may go up at once. */
  get parallel(): number {
    if (this.line === null) return 2
    return 1 + STEPS.filter((step) => this.line! >= step).length
  }

  /** A piece has arrived, `beside` others that were under way (itself included). */
  arrived(bytes: number, milliseconds: number, beside: number): void {
    const rate = bytes / Math.max(1, milliseconds)
    this.own = this.own === null ? rate : (this.own + rate) / 2
    this.line = this.line === null ? rate * beside : (this.line + rate * beside) / 2
  }

  /** A piece was cut off: the next ones are half as large, and alone where two were too many. */
  failed(): void {
    const own = Math.min(this.own ?? FIRST / WANTED, MOST / WANTED)
    this.own = Math.max(LEAST / WANTED, own / 2)
    this.line = (this.line ?? STEPS[0]!) / 2
  }
}
