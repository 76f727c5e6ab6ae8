// @vitest-environment node
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type Geolocator, PositionSampler } from './position'

const START = Date.UTC(2026, 10, 21, 8)

/** A receiver under the test's hand: `fix` is what the watch reports, `answers` what a question gets. */
class Receiver implements Geolocator {
  private success: PositionCallback | null = null
  private error: PositionErrorCallback | null = null
  questions = 0
  watches = 0
  watchPosition(success: PositionCallback, error?: PositionErrorCallback | null): number {
    this.success = success
    this.error = error ?? null
    return ++this.watches
  }
  clearWatch(): void {
    this.watches--
  }
  getCurrentPosition(): void {
    this.questions++
  }
  fix(accuracy: number, lat = 36.0671, timestamp = Date.now()): void {
    this.success!({ coords: { latitude: lat, longitude: 120.3826, accuracy }, timestamp } as GeolocationPosition)
  }
  fail(code: number): void {
    this.error!({ code, PERMISSION_DENIED: 1, POSITION_UNAVAILABLE: 2, TIMEOUT: 3 } as GeolocationPositionError)
  }
}

let receiver: Receiver
let sampler: PositionSampler
const state = () => sampler.reading().state

beforeEach(() => {
  vi.useFakeTimers({ now: START })
  receiver = new Receiver()
  sampler = new PositionSampler(receiver)
  sampler.start()
})
afterEach(() => {
  sampler.stop()
  vi.useRealTimers()
})

describe('what the rep sees', () => {
  it('searches, then has a fix in metres', () => {
    expect(state()).toBe('searching')
    receiver.fix(12)
    expect(sampler.reading()).toMatchObject({ state: 'fix', best: { accuracy: 12, lat: 36.0671 } })
  })

  it('is weak when it is only a cell tower, and good again with a better fix', () => {
    receiver.fix(1500)
    expect(state()).toBe('weak')
    vi.advanceTimersByTime(2_000)
    receiver.fix(20)
    expect(state()).toBe('fix')
  })

  it('is weak when the last fix is more than two minutes old', () => {
    receiver.fix(8)
    vi.advanceTimersByTime(121_000)
    expect(state()).toBe('weak')
    expect(sampler.reading().best?.accuracy).toBe(8)
  })

  it('is denied when the user said no, and measures again when asked to', () => {
    receiver.fail(1)
    expect(state()).toBe('denied')
    sampler.retry()
    expect(state()).toBe('searching')
    receiver.fix(9)
    expect(state()).toBe('fix')
  })

  it('gives up searching after half a minute, but takes a late fix', () => {
    vi.advanceTimersByTime(31_000)
    expect(state()).toBe('unavailable')
    receiver.fix(30)
    expect(state()).toBe('fix')
  })

  it('says unavailable on a phone without a receiver', () => {
    sampler.stop()
    sampler = new PositionSampler(undefined)
    sampler.start()
    vi.advanceTimersByTime(31_000)
    expect(state()).toBe('unavailable')
  })

  it('keeps the samples it has when the signal is lost afterwards', () => {
    receiver.fix(9)
    receiver.fail(2)
    expect(state()).toBe('fix')
    expect(sampler.samples()).toHaveLength(1)
  })
})

describe('the samples', () => {
  it('are at most eight: the latest and the most precise, in order of time', () => {
    for (const accuracy of [50, 5, 40, 45, 6, 60, 30, 20, 55, 70, 80, 90]) {
      receiver.fix(accuracy)
      vi.advanceTimersByTime(1_000)
    }
    expect(sampler.samples().map((sample) => sample.accuracy)).toEqual([5, 6, 30, 20, 55, 70, 80, 90])
  })

  it('do not contain one measurement twice', () => {
    receiver.fix(10, 36.0671, START)
    receiver.fix(10, 36.0671, START)
    expect(sampler.samples()).toHaveLength(1)
  })

  it('of the start are forgotten in a long visit once there are newer ones', () => {
    receiver.fix(3)
    vi.advanceTimersByTime(700_000)
    receiver.fix(30)
    expect(sampler.samples()).toHaveLength(2)
    vi.advanceTimersByTime(1_000)
    receiver.fix(31)
    vi.advanceTimersByTime(1_000)
    receiver.fix(32)
    expect(sampler.samples().map((sample) => sample.accuracy)).toEqual([30, 31, 32])
  })

  it('of the last visit are no samples of the next', () => {
    vi.advanceTimersByTime(40_000)
    receiver.fix(4)
    sampler.forget()
    expect(sampler.samples()).toEqual([])
    expect(state()).toBe('searching')
  })

  it('from the road give way to those of the door, however good they were', () => {
    receiver.fix(4, 36.0701)
    vi.advanceTimersByTime(60_000)
    receiver.fix(25)
    expect(sampler.reading().best).toMatchObject({ accuracy: 25, lat: 36.0671 })
    vi.advanceTimersByTime(5_000)
    receiver.fix(80)
    expect(sampler.reading().best?.accuracy).toBe(25)
  })

  it('without numbers are no samples', () => {
    receiver.fix(Number.NaN)
    expect(sampler.samples()).toEqual([])
  })
})

describe('a receiver that reports once and falls silent', () => {
  it('is asked every three seconds until there are three samples, later every twenty', () => {
    receiver.fix(10)
    vi.advanceTimersByTime(9_500)
    expect(receiver.questions).toBe(3)
    receiver.fix(10)
    vi.advanceTimersByTime(1_000)
    receiver.fix(10)
    const before = receiver.questions
    vi.advanceTimersByTime(45_000)
    expect(receiver.questions - before).toBe(2)
  })

  it('is not asked any more after the visit', () => {
    sampler.stop()
    vi.advanceTimersByTime(60_000)
    expect(receiver.questions).toBe(0)
    expect(receiver.watches).toBe(0)
  })
})
