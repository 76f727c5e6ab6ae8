/**
 * What stays awake through a visit, from one screen to the next: the measuring of the place and the camera's stream.
 * Both end with the visit, or a little after its screens were left.
 */
import { onActivated, onBeforeUnmount, onDeactivated, onMounted, shallowRef, type ShallowRef } from 'vue'
import type { CameraSession } from '@/camera/camera'
import { PositionSampler, type PositionReading } from '@/camera/position'
import { rememberPlace } from './place'

/** Milliseconds: long enough to write an order meanwhile. */
const LINGER = 120_000

const sampler = new PositionSampler()
let camera: CameraSession | null = null
let watchers = 0
/** The customer whose door was opened last. */
let measuredFor = ''
let ending: ReturnType<typeof setTimeout> | undefined

sampler.subscribe(({ best }) => {
  if (best) rememberPlace({ ...best, at: Date.parse(best.at) })
})

function begin(): void {
  watchers++
  clearTimeout(ending)
  sampler.start()
}
function leave(): void {
  watchers--
  if (watchers > 0) return
  clearTimeout(ending)
  ending = setTimeout(rest, LINGER)
}

function rest(): void {
  clearTimeout(ending)
  sampler.stop()
  camera?.stop()
  camera = null
}

/** The visit is over: the place is not measured any longer, nor remembered, and the camera's light goes out. */
export function endVisit(): void {
  rest()
  sampler.forget()
}

/** The one camera of the running visit; made when the camera screen is opened first. */
export async function visitCamera(): Promise<CameraSession> {
  if (!camera) {
    const { CameraSession: Session } = await import('@/camera/camera')
    camera ??= new Session()
  }
  return camera
}

/** Measures while the calling screen is seen; anew where that is the door of another `customer` than the last. */
export function useVisitPosition(customer = measuredFor): {
  sampler: PositionSampler
  reading: Readonly<ShallowRef<PositionReading>>
} {
  if (customer !== measuredFor) sampler.forget()
  measuredFor = customer
  const reading = shallowRef(sampler.reading())
  const stop = sampler.subscribe((now) => (reading.value = now))
  let seen = false
  const show = () => {
    if (!seen) begin()
    seen = true
  }
  const hide = () => {
    if (seen) leave()
    seen = false
  }
  onMounted(show)
  onActivated(show)
  onDeactivated(hide)
  onBeforeUnmount(() => {
    stop()
    hide()
  })
  return { sampler, reading }
}

/** What check-in and check-out tell of the place: nothing where the phone does not know. */
export function presence(reading: PositionReading): { lat?: number; lng?: number; accuracy?: number } {
  const { best } = reading
  return best ? { lat: best.lat, lng: best.lng, accuracy: Math.round(best.accuracy * 10) / 10 } : {}
}
