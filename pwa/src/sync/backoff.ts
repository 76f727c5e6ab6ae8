/** Growing pauses after failures: doubled each time, shaken so that a thousand phones do not come back together. */

export class Backoff {
  private failures = 0

  /** All in milliseconds. */
  constructor(
    private readonly random: () => number,
    private readonly first = 1_000,
    private readonly longest = 300_000,
  ) {}

  /** The pause before the next try, in milliseconds. `atLeast` is what the server asked for (Retry-After). */
  fail(atLeast = 0): number {
    const full = Math.min(this.longest, this.first * 2 ** Math.min(this.failures, 30))
    this.failures += 1
    return Math.min(this.longest, Math.max(atLeast, full / 2 + (this.random() * full) / 2))
  }

  reset(): void {
    this.failures = 0
  }

  get failing(): boolean {
    return this.failures > 0
  }
}
