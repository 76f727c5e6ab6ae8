// @vitest-environment node
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { reactive } from 'vue'
import type { CameraSession } from './camera'
import { ImageError } from './image'
import { type EvidencePhoto, fromGallery, type ShotRequest, takeEvidencePhoto } from './photo'
import type { PositionSampler } from './position'
import { type ShootingOptions, useShooting } from './shooting'
import type { ShownPhoto } from './view'

vi.mock('./photo', () => ({ takeEvidencePhoto: vi.fn(), fromGallery: vi.fn() }))

let count: number
let photos: ShownPhoto[]
let options: ShootingOptions
const replaced = vi.fn()

const photoOf = (kind: string) => ({ photoId: `photo-${++count}`, kind }) as EvidencePhoto

beforeEach(() => {
  vi.spyOn(console, 'error').mockReturnValue(undefined)
  count = 0
  replaced.mockReset()
  photos = reactive([])
  vi.mocked(takeEvidencePhoto).mockImplementation(async (request: ShotRequest) => {
    request.onShot?.()
    return photoOf(request.kind)
  })
  vi.mocked(fromGallery).mockImplementation(async (_file, kind) => photoOf(kind))
  options = {
    session: {} as CameraSession,
    position: {} as PositionSampler,
    context: { visit: { id: 'v' }, customer: { id: 'c' }, device: { id: 'd' }, anchor: vi.fn(), sign: vi.fn() },
    photos,
    store: async (photo) => void photos.push(photo as unknown as ShownPhoto),
  }
})

describe('a round of shots', () => {
  it('goes from kind to kind and knows when nothing is missing', async () => {
    const shooting = useShooting(options, replaced)
    expect([shooting.kind.value, shooting.missing.value]).toEqual(['storefront', 2])
    await shooting.shoot(() => undefined)
    expect([shooting.kind.value, shooting.missing.value]).toEqual(['shelf', 1])
    await shooting.shoot(() => undefined)
    expect(shooting.missing.value).toBe(0)
    expect(photos.map((photo) => photo.kind)).toEqual(['storefront', 'shelf'])
  })

  it('taken up again begins with what is missing', () => {
    photos.push({ kind: 'storefront' } as ShownPhoto)
    expect(useShooting(options, replaced).kind.value).toBe('shelf')
  })

  it('asks for the time anchor anew at every shot', async () => {
    const shooting = useShooting(options, replaced)
    await shooting.shoot(() => undefined)
    await shooting.shoot(() => undefined)
    expect(options.context.anchor).toHaveBeenCalledTimes(2)
  })

  it('is settled only when the last photo is kept', async () => {
    let kept = (): void => undefined
    options.store = () => new Promise((resolve) => (kept = resolve))
    const shooting = useShooting(options, replaced)
    void shooting.shoot(() => undefined)
    const settled = vi.fn()
    void shooting.settled().then(settled)
    await new Promise((resolve) => setTimeout(resolve, 5))
    expect([shooting.busy.value, shooting.pending.value.length]).toEqual([false, 1])
    expect(settled).not.toHaveBeenCalled()
    kept()
    await vi.waitFor(() => expect(settled).toHaveBeenCalled())
  })
})

describe('a retake', () => {
  it('gives the old photo up only when the new one is kept', async () => {
    const shooting = useShooting(options, replaced)
    await shooting.shoot(() => undefined)
    shooting.retake(photos[0]!)
    expect(shooting.kind.value).toBe('storefront')
    expect(replaced).not.toHaveBeenCalled()
    await shooting.shoot(() => undefined)
    expect(replaced).toHaveBeenCalledExactlyOnceWith('photo-1')
  })

  it('that fails loses nothing and can be tried again', async () => {
    const shooting = useShooting(options, replaced)
    await shooting.shoot(() => undefined)
    shooting.retake(photos[0]!)
    vi.mocked(takeEvidencePhoto).mockRejectedValueOnce(new Error('no live picture'))
    await shooting.shoot(() => undefined)
    expect([shooting.problem.value, replaced.mock.calls.length]).toEqual(['shot', 0])
    await shooting.shoot(() => undefined)
    expect([shooting.problem.value, replaced.mock.calls.length]).toEqual([null, 1])
  })
})

describe('what went wrong', () => {
  it.each([
    [new DOMException('full', 'QuotaExceededError'), 'storage_full'],
    [Object.assign(new Error('abort'), { inner: new DOMException('full', 'QuotaExceededError') }), 'storage_full'],
    [new Error('closed'), 'save'],
  ])('while keeping: %s', async (error, problem) => {
    options.store = async () => {
      throw error
    }
    const shooting = useShooting(options, replaced)
    await shooting.shoot(() => undefined)
    expect(shooting.problem.value).toBe(problem)
    expect(shooting.kind.value).toBe('storefront')
    expect(shooting.missing.value).toBe(2)
  })

  it('with a file that is no picture', async () => {
    vi.mocked(fromGallery).mockRejectedValueOnce(new ImageError('unreadable'))
    const shooting = useShooting(options, replaced)
    await shooting.addFromGallery(new File([], 'a.pdf'))
    expect(shooting.problem.value).toBe('unreadable')
  })
})
