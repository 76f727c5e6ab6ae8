/**
 * The app's own camera: one stream for a whole visit, so that the phone asks for permission once and the second photo
 * is as fast as the first. Knows nothing of visits or evidence; it shows a live picture and hands out shots.
 */
import { grabFrame } from './image'
import { isRefused, onGranted } from './permission'

/**
 * What the screen has to say. `denied`: the user or the company's policy said no. `absent`: there is no camera.
 * `busy`: another app holds it. `insecure`: not HTTPS, or a browser without a camera for pages. `lost`: it was there
 * and went away (a call, another app, the phone's privacy switch).
 */
export type CameraStatus =
  'idle' | 'starting' | 'live' | 'denied' | 'absent' | 'busy' | 'insecure' | 'lost' | 'failed'

/** `torch` is light that stays on; `on` and `auto` fire at the shot. */
export type FlashMode = 'off' | 'auto' | 'on' | 'torch'

export interface CameraState {
  status: CameraStatus
  /** Empty or only `off`: no light to offer. */
  flashModes: readonly FlashMode[]
  flash: FlashMode
  /** More than one lens to switch between. */
  canSwitch: boolean
  /** The picture comes from a lens on the screen's side: it is shown as in a mirror (and stored as it is). */
  mirrored: boolean
}

/** Chrome's ImageCapture, as far as it is used; Safari and Firefox lack all or most of it. */
interface PhotoTaker {
  takePhoto(settings?: { fillLightMode?: string }): Promise<Blob>
  getPhotoCapabilities(): Promise<{ fillLightMode?: string[] }>
}
type TorchTrack = Omit<MediaStreamTrack, 'getCapabilities'> & {
  getCapabilities?: () => MediaTrackCapabilities & { torch?: boolean }
}

export interface CameraDependencies {
  devices: MediaDevices | undefined
  takerFor: (track: MediaStreamTrack) => PhotoTaker | null
  frameOf: (video: HTMLVideoElement) => Promise<Blob>
  page: Document | undefined
}

const SHOT_TIMEOUT = 5_000
const MUTE_PATIENCE = 2_500

const IDLE: CameraState = { status: 'idle', flashModes: [], flash: 'off', canSwitch: false, mirrored: false }

export class CameraSession {
  private current: CameraState = IDLE
  private stream: MediaStream | null = null
  private taker: PhotoTaker | null = null
  private video: HTMLVideoElement | null = null
  private starting: Promise<void> | null = null
  private lens: string | null = null
  private wake: WakeLockSentinel | null = null
  private muted: ReturnType<typeof setTimeout> | undefined
  private open = false
  private unfollow: (() => void) | null = null
  private readonly listeners = new Set<(state: CameraState) => void>()
  private readonly use: CameraDependencies

  constructor(dependencies: Partial<CameraDependencies> = {}) {
    this.use = {
      devices: globalThis.navigator?.mediaDevices,
      takerFor: browserTaker,
      frameOf: grabFrame,
      page: globalThis.document,
      ...dependencies,
    }
  }

  get state(): CameraState {
    return this.current
  }

  subscribe(listener: (state: CameraState) => void): () => void {
    this.listeners.add(listener)
    listener(this.current)
    return () => this.listeners.delete(listener)
  }

  /** Shows the live picture in `video`, starting the camera if it is not running. Never throws: see `state.status`. */
  async attach(video: HTMLVideoElement): Promise<void> {
    this.video = video
    if (!this.open) {
      this.open = true
      this.use.page?.addEventListener('visibilitychange', this.onVisible)
      this.unfollow = onGranted('camera', () => {
        if (this.current.status === 'denied') void this.retry()
      })
    }
    this.eachTrack((track) => (track.enabled = true))
    await this.start()
    void this.keepAwake()
  }

  /** The screen was left, the visit goes on: the stream stays (no second question), the sensor gives no pictures. */
  detach(): void {
    if (this.video) this.video.srcObject = null
    this.video = null
    if (this.current.flash === 'torch') void this.setFlash('off')
    this.eachTrack((track) => (track.enabled = false))
    void this.letSleep()
  }

  /** The visit is over: the camera's light goes out. */
  stop(): void {
    this.detach()
    this.open = false
    this.use.page?.removeEventListener('visibilitychange', this.onVisible)
    this.unfollow?.()
    this.unfollow = null
    this.release()
    this.set(IDLE)
  }

  /** Tries again after `denied`, `lost`, …; what the button of the guidance does. */
  async retry(): Promise<void> {
    this.release()
    await this.start()
  }

  /**
   * One shot in the best quality this camera gives: a JPEG or PNG, possibly with an orientation tag. Some phones never
   * answer `takePhoto`, so it falls back to the live picture after five seconds. Throws when there is no live picture.
   */
  async shoot(): Promise<Blob> {
    const { flash } = this.current
    if (this.taker) {
      try {
        const settings =
          flash === 'on' ? { fillLightMode: 'flash' } : flash === 'auto' ? { fillLightMode: 'auto' } : {}
        const shot = await withTimeout(this.taker.takePhoto(settings), SHOT_TIMEOUT)
        if (shot.size > 0) return shot
      } catch (error) {
        console.warn('takePhoto failed, using the live picture', error)
        // A camera that failed once fails again; do not make the rep wait every time.
        this.taker = null
      }
    }
    if (!this.video || this.current.status !== 'live') throw new Error('no live picture')
    return this.use.frameOf(this.video)
  }

  async setFlash(flash: FlashMode): Promise<void> {
    if (!this.current.flashModes.includes(flash)) return
    const before = this.current.flash
    this.set({ flash })
    if (flash !== 'torch' && before !== 'torch') return
    try {
      await this.track()?.applyConstraints({ advanced: [{ torch: flash === 'torch' } as MediaTrackConstraintSet] })
    } catch {
      this.set({ flash: 'off' })
    }
  }

  /** The next lens of those the phone lists; the front camera is among them. */
  async nextLens(): Promise<void> {
    const lenses = await this.lenses()
    if (lenses.length < 2) return
    const at = lenses.findIndex((lens) => lens.deviceId === this.track()?.getSettings().deviceId)
    this.lens = lenses[(at + 1) % lenses.length]!.deviceId
    await this.retry()
  }

  private start(): Promise<void> {
    this.starting ??= this.begin().finally(() => (this.starting = null))
    return this.starting
  }

  private async begin(): Promise<void> {
    if (this.stream === null) {
      if (!this.use.devices) return this.set({ status: 'insecure' })
      this.set({ status: 'starting' })
      try {
        this.adopt(await this.request(this.use.devices))
      } catch (error) {
        return this.set({ status: statusOf(error) })
      }
    }
    // The visit may have been closed while the phone was asking for permission.
    if (!this.open) return this.release()
    await this.show()
    await this.learn()
  }

  private async request(devices: MediaDevices): Promise<MediaStream> {
    const size = { width: { ideal: 2560 }, height: { ideal: 1920 } }
    if (this.lens !== null) {
      try {
        return await devices.getUserMedia({ video: { ...size, deviceId: { exact: this.lens } } })
      } catch {
        this.lens = null
      }
    }
    return devices.getUserMedia({ video: { ...size, facingMode: { ideal: 'environment' } } })
  }

  private adopt(stream: MediaStream): void {
    this.stream = stream
    const track = this.track()
    if (!track) throw new DOMException('no video track', 'NotFoundError')
    track.addEventListener('ended', this.onEnded)
    track.addEventListener('mute', this.onMute)
    track.addEventListener('unmute', this.onUnmute)
    this.taker = this.use.takerFor(track)
  }

  private async show(): Promise<void> {
    if (this.video && this.video.srcObject !== this.stream) {
      this.video.srcObject = this.stream
      // Autoplay may be refused until a tap; the picture then comes with the next one.
      await this.video.play().catch(() => undefined)
    }
    if (this.stream) this.set({ status: 'live' })
  }

  private async learn(): Promise<void> {
    const track = this.track() as TorchTrack | undefined
    if (!track) return
    const modes: FlashMode[] = ['off']
    const capabilities = await this.taker?.getPhotoCapabilities().catch(() => null)
    const fill = capabilities?.fillLightMode ?? []
    if (fill.includes('auto')) modes.push('auto')
    if (fill.includes('flash')) modes.push('on')
    if (track.getCapabilities?.().torch) modes.push('torch')
    const lenses = await this.lenses()
    const flash = modes.includes(this.current.flash) && this.current.flash !== 'torch' ? this.current.flash : 'off'
    const mirrored = track.getSettings().facingMode === 'user'
    this.set({ flashModes: modes, flash, canSwitch: lenses.length > 1, mirrored })
  }

  private async lenses(): Promise<MediaDeviceInfo[]> {
    const all = (await this.use.devices?.enumerateDevices().catch(() => [])) ?? []
    return all.filter((device) => device.kind === 'videoinput' && device.deviceId !== '')
  }

  private readonly onEnded = (): void => {
    this.release()
    this.set({ status: 'lost' })
    // Taken back in the settings while the visit went on: then trying again is of no use, and the way there is.
    void isRefused('camera').then((refused) => {
      if (refused && this.current.status === 'lost') this.set({ status: 'denied' })
    })
  }

  /** iOS mutes the track during a call or in split view and usually gives it back by itself. */
  private readonly onMute = (): void => {
    clearTimeout(this.muted)
    this.muted = setTimeout(() => this.set({ status: 'lost' }), MUTE_PATIENCE)
  }

  private readonly onUnmute = (): void => {
    clearTimeout(this.muted)
    if (this.stream) this.set({ status: 'live' })
  }

  private readonly onVisible = (): void => {
    if (this.use.page?.visibilityState !== 'visible' || !this.video) return
    void this.keepAwake()
    if (this.stream === null && this.current.status === 'lost') void this.start()
  }

  private async keepAwake(): Promise<void> {
    if (this.wake && !this.wake.released) return
    try {
      this.wake = (await globalThis.navigator?.wakeLock?.request('screen')) ?? null
    } catch {
      this.wake = null // battery saver; the screen then sleeps as usual
    }
    // The screen may have been left while the phone was thinking about it.
    if (this.video === null) await this.letSleep()
  }

  private async letSleep(): Promise<void> {
    const wake = this.wake
    this.wake = null
    await wake?.release().catch(() => undefined)
  }

  private track(): MediaStreamTrack | undefined {
    return this.stream?.getVideoTracks()[0]
  }

  private eachTrack(action: (track: MediaStreamTrack) => void): void {
    this.stream?.getVideoTracks().forEach(action)
  }

  private release(): void {
    clearTimeout(this.muted)
    this.eachTrack((track) => {
      track.removeEventListener('ended', this.onEnded)
      track.removeEventListener('mute', this.onMute)
      track.removeEventListener('unmute', this.onUnmute)
      track.stop()
    })
    this.stream = this.taker = null
  }

  private set(change: Partial<CameraState>): void {
    this.current = { ...this.current, ...change }
    for (const listener of this.listeners) listener(this.current)
  }
}

function browserTaker(track: MediaStreamTrack): PhotoTaker | null {
  const Taker = (globalThis as { ImageCapture?: new (track: MediaStreamTrack) => PhotoTaker }).ImageCapture
  // Firefox and older Safari have a class of this name that cannot take photos.
  return Taker && 'takePhoto' in Taker.prototype ? new Taker(track) : null
}

function statusOf(error: unknown): CameraStatus {
  switch ((error as DOMException | undefined)?.name) {
    case 'NotAllowedError':
    case 'SecurityError':
      return 'denied'
    case 'NotFoundError':
    case 'OverconstrainedError':
      return 'absent'
    case 'NotReadableError':
    case 'AbortError':
      return 'busy'
    default:
      return 'failed'
  }
}

function withTimeout<T>(work: Promise<T>, ms: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new DOMException('the camera did not answer', 'TimeoutError')), ms)
    work.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}
