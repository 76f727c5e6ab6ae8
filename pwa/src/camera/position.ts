/**
 * Where the phone is, measured from the moment a visit opens until it closes. Nothing here ever waits: whoever asks
 * gets what is known by now, and a visit without a fix goes on and is marked.
 */
import type { PositionSample } from './capture'
import { onGranted } from './permission'

/** `weak`: a fix so coarse, or so old, that it proves little. */
export type PositionState = 'searching' | 'fix' | 'weak' | 'denied' | 'unavailable'

export interface PositionReading {
  state: PositionState
  /** The best of the recent samples; null while there is none. */
  best: PositionSample | null
}

/** Metres. A radius beyond it is a cell tower, not a place. */
export const WEAK_ACCURACY = 100
/** Milliseconds. An older sample no longer says where the phone is now (the server's limit is the same). */
export const STALE_AFTER = 120_000

/** Metres a second by which a sample says less about where the phone is: a walk. The server has the same (media/facts.py). */
const AGES = 1.5

const MOST_SAMPLES = 8
const LATEST_SAMPLES = 4
const FEWEST_SAMPLES = 3
const FORGET_AFTER = 600_000
/** A phone at rest may report once and fall silent; ask again until there are enough samples, then now and then. */
const ASK_EVERY = { while_few: 3_000, later: 20_000 }
const GIVE_UP_AFTER = 30_000

export type Geolocator = Pick<Geolocation, 'watchPosition' | 'clearWatch' | 'getCurrentPosition'>

export interface PositionClock {
  now: () => number
}

const PRECISE: PositionOptions = { enableHighAccuracy: true, maximumAge: 0, timeout: 27_000 }

export class PositionSampler {
  private kept: PositionSample[] = []
  private watch: number | null = null
  private timer: ReturnType<typeof setInterval> | null = null
  private startedAt = 0
  private askedAt = 0
  private refused = false
  private failed = false
  private readonly listeners = new Set<(reading: PositionReading) => void>()
  private unfollow: (() => void) | null = null

  constructor(
    private readonly locator: Geolocator | undefined = globalThis.navigator?.geolocation,
    private readonly clock: PositionClock = Date,
  ) {}

  /** Begins to measure; asking twice changes nothing. Call it from the tap that opens the visit. */
  start(): void {
    if (this.timer !== null) return
    this.startedAt = this.clock.now()
    this.timer = setInterval(() => this.tick(), 1_000)
    this.watchAgain()
    this.unfollow = onGranted('geolocation', () => {
      if (this.refused) this.retry()
    })
  }

  stop(): void {
    if (this.watch !== null) this.locator?.clearWatch(this.watch)
    if (this.timer !== null) clearInterval(this.timer)
    this.unfollow?.()
    this.watch = this.timer = this.unfollow = null
  }

  /** Where the phone was at the last visit says nothing about this one. */
  forget(): void {
    this.kept = []
    this.startedAt = this.clock.now()
    this.tell()
  }

  /** For the button "measure again" after the user changed the phone's settings. */
  retry(): void {
    this.refused = this.failed = false
    this.startedAt = this.clock.now()
    if (this.timer === null) this.start()
    else this.watchAgain()
    this.tell()
  }

  /** 0 to 8 samples, oldest first: the latest ones and the most precise of the last ten minutes. */
  samples(): PositionSample[] {
    return [...this.kept]
  }

  reading(): PositionReading {
    return { state: this.state(), best: bestSample(this.kept, this.clock.now()) }
  }

  /** Calls `listener` at once and at every change. Answers the function that ends it. */
  subscribe(listener: (reading: PositionReading) => void): () => void {
    this.listeners.add(listener)
    listener(this.reading())
    return () => this.listeners.delete(listener)
  }

  private state(): PositionState {
    const now = this.clock.now()
    const best = bestSample(this.kept, now)
    if (best !== null) {
      return best.accuracy <= WEAK_ACCURACY && ageOf(best, now) <= STALE_AFTER ? 'fix' : 'weak'
    }
    if (this.refused) return 'denied'
    if (!this.locator || this.failed || now - this.startedAt > GIVE_UP_AFTER) return 'unavailable'
    return 'searching'
  }

  private watchAgain(): void {
    if (!this.locator) return this.tell()
    if (this.watch !== null) this.locator.clearWatch(this.watch)
    this.watch = this.locator.watchPosition(this.take, this.fail, PRECISE)
    this.askedAt = this.clock.now()
  }

  private tick(): void {
    const now = this.clock.now()
    const fresh = this.kept.filter((sample) => ageOf(sample, now) <= STALE_AFTER)
    const newest = fresh.at(-1)
    const every = fresh.length < FEWEST_SAMPLES ? ASK_EVERY.while_few : ASK_EVERY.later
    const silent = newest === undefined || ageOf(newest, now) >= every
    if (silent && now - this.askedAt >= every && !this.refused) {
      this.askedAt = now
      this.locator?.getCurrentPosition(this.take, this.fail, PRECISE)
    }
    this.tell()
  }

  private readonly take = (position: GeolocationPosition): void => {
    const { latitude, longitude, accuracy } = position.coords
    if (![latitude, longitude, accuracy, position.timestamp].every(Number.isFinite)) return
    this.refused = this.failed = false
    const at = new Date(position.timestamp).toISOString()
    // The same measurement often arrives twice, from the watch and from the question.
    if (this.kept.some((sample) => sample.at === at)) return
    this.kept = keep([...this.kept, { lat: latitude, lng: longitude, accuracy, at }], this.clock.now())
    this.tell()
  }

  private readonly fail = (error: GeolocationPositionError): void => {
    if (error.code === error.PERMISSION_DENIED) this.refused = true
    else if (error.code === error.POSITION_UNAVAILABLE) this.failed = true
    this.tell()
  }

  private tell(): void {
    const reading = this.reading()
    for (const listener of this.listeners) listener(reading)
  }
}

function ageOf(sample: PositionSample, now: number): number {
  return now - Date.parse(sample.at)
}

/**
 * The fresh sample that says most about where the phone is now, the later one of equals; without a fresh one the latest of
 * all. An excellent one of a minute ago may be from the road, so each grows worse with its age.
 */
export function bestSample(samples: readonly PositionSample[], now: number): PositionSample | null {
  const fresh = samples.filter((sample) => ageOf(sample, now) <= STALE_AFTER)
  if (fresh.length === 0) return samples.at(-1) ?? null
  const unsure = (sample: PositionSample) => sample.accuracy + (AGES * Math.abs(ageOf(sample, now))) / 1_000
  return fresh.reduce((best, sample) => (unsure(sample) <= unsure(best) ? sample : best))
}

/** At most 8: the latest four, then the most precise of the rest; old ones go as soon as three newer ones are there. */
export function keep(samples: readonly PositionSample[], now: number): PositionSample[] {
  const ordered = [...samples].sort((a, b) => Date.parse(a.at) - Date.parse(b.at))
  const recent = ordered.filter((sample) => ageOf(sample, now) <= FORGET_AFTER)
  const pool = recent.length >= FEWEST_SAMPLES ? recent : ordered.slice(-FEWEST_SAMPLES)
  const latest = pool.slice(-LATEST_SAMPLES)
  const precise = pool
    .slice(0, -LATEST_SAMPLES)
    .sort((a, b) => a.accuracy - b.accuracy)
    .slice(0, MOST_SAMPLES - LATEST_SAMPLES)
  return pool.filter((sample) => latest.includes(sample) || precise.includes(sample))
}
