// @vitest-environment node
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type CameraDependencies, CameraSession } from './camera'

class Track extends EventTarget {
  enabled = true
  stopped = false
  constructor(readonly deviceId: string) {
    super()
  }
  stop() {
    this.stopped = true
  }
  getSettings = () => ({ deviceId: this.deviceId, facingMode: this.deviceId === 'front' ? 'user' : 'environment' })
  getCapabilities = () => ({ torch: true })
  applyConstraints = vi.fn(async () => undefined)
}

/** A phone with a rear and a front camera; `refuse` is what the next request is answered with. */
class Phone {
  tracks: Track[] = []
  refuse: string | null = null
  getUserMedia = vi.fn(async ({ video }: { video: { deviceId?: { exact: string } } }) => {
    if (this.refuse) throw new DOMException('no', this.refuse)
    const track = new Track(video.deviceId?.exact ?? 'rear')
    this.tracks.push(track)
    return { getVideoTracks: () => [track] }
  })
  enumerateDevices = async () => ['rear', 'front'].map((deviceId) => ({ kind: 'videoinput', deviceId }))
}

const shot = new Blob(['shot'])
const frame = new Blob(['frame'])
const takePhoto = vi.fn<(settings?: unknown) => Promise<Blob>>()
let phone: Phone
let camera: CameraSession
const video = () => ({ srcObject: null, play: async () => undefined }) as unknown as HTMLVideoElement

beforeEach(() => {
  vi.spyOn(console, 'warn').mockReturnValue(undefined)
  takePhoto.mockReset().mockResolvedValue(shot)
  phone = new Phone()
  const dependencies: Partial<CameraDependencies> = {
    devices: phone as unknown as MediaDevices,
    takerFor: () => ({ takePhoto, getPhotoCapabilities: async () => ({ fillLightMode: ['auto', 'flash', 'off'] }) }),
    frameOf: async () => frame,
    page: undefined,
  }
  camera = new CameraSession(dependencies)
})

describe('one visit', () => {
  it('asks for the rear camera once, however often the screen is left and taken up again', async () => {
    await camera.attach(video())
    camera.detach()
    expect(phone.tracks[0]!.enabled).toBe(false)
    await camera.attach(video())
    expect(phone.getUserMedia).toHaveBeenCalledTimes(1)
    expect(phone.tracks[0]!.enabled).toBe(true)
    expect(camera.state).toMatchObject({ status: 'live', canSwitch: true, mirrored: false })
  })

  it('ends with the camera switched off', async () => {
    await camera.attach(video())
    camera.stop()
    expect(phone.tracks[0]!.stopped).toBe(true)
    expect(camera.state.status).toBe('idle')
  })

  it('closed while the phone still asks for permission leaves no camera running', async () => {
    const opening = camera.attach(video())
    camera.stop()
    await opening
    expect(phone.tracks[0]!.stopped).toBe(true)
    expect(camera.state.status).toBe('idle')
  })
})

describe('what the screen has to explain', () => {
  it.each([
    ['NotAllowedError', 'denied'],
    ['NotFoundError', 'absent'],
    ['NotReadableError', 'busy'],
    ['TypeError', 'failed'],
  ])('%s is %s', async (name, status) => {
    phone.refuse = name
    await camera.attach(video())
    expect(camera.state.status).toBe(status)
  })

  it('a page without a camera interface is insecure', async () => {
    const bare = new CameraSession({ devices: undefined, page: undefined })
    await bare.attach(video())
    expect(bare.state.status).toBe('insecure')
  })

  it('a camera that is taken away is lost, and comes back on request', async () => {
    await camera.attach(video())
    phone.tracks[0]!.dispatchEvent(new Event('ended'))
    expect(camera.state.status).toBe('lost')
    await camera.retry()
    expect(camera.state.status).toBe('live')
  })

  it('a permission taken back during the visit is explained as that, and its return is followed', async () => {
    const permission = Object.assign(new EventTarget(), { state: 'granted' })
    vi.stubGlobal('navigator', { permissions: { query: async () => permission } })
    await camera.attach(video())
    await Promise.resolve()
    permission.state = 'denied'
    phone.tracks[0]!.dispatchEvent(new Event('ended'))
    expect(camera.state.status).toBe('lost')
    await vi.waitFor(() => expect(camera.state.status).toBe('denied'))
    permission.state = 'granted'
    permission.dispatchEvent(new Event('change'))
    await vi.waitFor(() => expect(camera.state.status).toBe('live'))
    vi.unstubAllGlobals()
  })

  it('a call that mutes the picture only for a moment is not worth a word', async () => {
    vi.useFakeTimers()
    await camera.attach(video())
    phone.tracks[0]!.dispatchEvent(new Event('mute'))
    vi.advanceTimersByTime(1_000)
    phone.tracks[0]!.dispatchEvent(new Event('unmute'))
    vi.advanceTimersByTime(5_000)
    expect(camera.state.status).toBe('live')
    phone.tracks[0]!.dispatchEvent(new Event('mute'))
    vi.advanceTimersByTime(5_000)
    expect(camera.state.status).toBe('lost')
    vi.useRealTimers()
  })
})

describe('the screen while shooting', () => {
  class Lock {
    released = false
    release = async () => void (this.released = true)
  }
  let locks: Lock[]
  let answer: (lock: Lock) => Promise<Lock>
  let page: EventTarget & { visibilityState: string }
  beforeEach(() => {
    locks = []
    answer = async (lock) => lock
    page = Object.assign(new EventTarget(), { visibilityState: 'visible' })
    const request = async () => {
      locks.push(new Lock())
      return answer(locks.at(-1)!)
    }
    vi.stubGlobal('navigator', { wakeLock: { request } })
    camera = new CameraSession({
      devices: phone as unknown as MediaDevices,
      takerFor: () => null,
      page: page as unknown as Document,
    })
  })
  afterEach(() => void vi.unstubAllGlobals())

  it('stays on, and may sleep again when the camera is left', async () => {
    await camera.attach(video())
    await vi.waitFor(() => expect(locks.map((lock) => lock.released)).toEqual([false]))
    camera.detach()
    await vi.waitFor(() => expect(locks[0]!.released).toBe(true))
  })

  it('stays on again after another app was in front', async () => {
    await camera.attach(video())
    await vi.waitFor(() => expect(locks).toHaveLength(1))
    locks[0]!.released = true // the browser lets go of it with the page out of sight
    page.dispatchEvent(new Event('visibilitychange'))
    await vi.waitFor(() => expect(locks).toHaveLength(2))
  })

  it('is not kept on by an answer that comes after the camera was left', async () => {
    let late: () => void = () => undefined
    answer = (lock) => new Promise((resolve) => (late = () => resolve(lock)))
    await camera.attach(video())
    camera.detach()
    late()
    await vi.waitFor(() => expect(locks[0]!.released).toBe(true))
  })

  it('sleeps as usual where the phone saves its battery', async () => {
    answer = () => Promise.reject(new DOMException('no', 'NotAllowedError'))
    await camera.attach(video())
    expect(camera.state.status).toBe('live')
  })
})

describe('a shot', () => {
  it('is taken by the camera itself, with the flash that was chosen', async () => {
    await camera.attach(video())
    await camera.setFlash('on')
    expect(await camera.shoot()).toBe(shot)
    expect(takePhoto).toHaveBeenCalledWith({ fillLightMode: 'flash' })
  })

  it('comes from the live picture when the camera cannot, and is not tried in vain again', async () => {
    takePhoto.mockRejectedValue(new DOMException('no', 'UnknownError'))
    await camera.attach(video())
    expect(await camera.shoot()).toBe(frame)
    expect(await camera.shoot()).toBe(frame)
    expect(takePhoto).toHaveBeenCalledTimes(1)
  })

  it('comes from the live picture when the camera never answers', async () => {
    vi.useFakeTimers()
    takePhoto.mockReturnValue(new Promise(() => undefined))
    await camera.attach(video())
    const taken = camera.shoot()
    await vi.advanceTimersByTimeAsync(5_001)
    expect(await taken).toBe(frame)
    vi.useRealTimers()
  })

  it('without a live picture is an error, not an empty photo', async () => {
    phone.refuse = 'NotAllowedError'
    await camera.attach(video())
    await expect(camera.shoot()).rejects.toThrow('no live picture')
  })
})

describe('light and lens', () => {
  it('offers what the phone has; the torch burns until another mode is chosen', async () => {
    await camera.attach(video())
    expect(camera.state.flashModes).toEqual(['off', 'auto', 'on', 'torch'])
    await camera.setFlash('torch')
    expect(phone.tracks[0]!.applyConstraints).toHaveBeenLastCalledWith({ advanced: [{ torch: true }] })
    await camera.setFlash('off')
    expect(phone.tracks[0]!.applyConstraints).toHaveBeenLastCalledWith({ advanced: [{ torch: false }] })
  })

  it('switches round; the front camera is shown as a mirror', async () => {
    await camera.attach(video())
    await camera.nextLens()
    expect(camera.state.mirrored).toBe(true)
    expect(phone.tracks[0]!.stopped).toBe(true)
    await camera.nextLens()
    expect(camera.state.mirrored).toBe(false)
  })
})
