/** The hand on the shutter: what is being taken, what is still being kept, what went wrong. */
import { computed, ref } from 'vue'
import type { CameraSession } from './camera'
import { DEFAULT_KINDS, nextKind, type PhotoKind, progress } from './kinds'
import { type EvidencePhoto, fromGallery, type PhotoContext, takeEvidencePhoto } from './photo'
import type { PositionSampler } from './position'
import { type PhotoProblem, problemOf, type ShotContext, type ShownPhoto } from './view'

export interface ShootingOptions {
  session: CameraSession
  position: PositionSampler
  context: ShotContext
  photos: readonly ShownPhoto[]
  kinds?: readonly PhotoKind[]
  /** Keeps a photo for good. A function and not an event, because it must be called even when the screen is gone. */
  store: (photo: EvidencePhoto) => Promise<void>
}

/** `replaced` is called with the old photo's id when the one that replaces it is safely kept. */
export function useShooting(options: ShootingOptions, replaced: (photoId: string) => void) {
  const kinds = computed(() => options.kinds ?? DEFAULT_KINDS)
  const pending = ref<{ key: number; kind: string }[]>([])
  const all = computed(() => [...options.photos, ...pending.value])
  const kind = ref(nextKind(kinds.value, options.photos, kinds.value[0]?.code ?? 'other'))
  /** True while the camera itself is busy; the next shot need not wait for the last one's evidence. */
  const busy = ref(false)
  const problem = ref<PhotoProblem | null>(null)
  const replacing = ref<string | null>(null)
  const work = new Set<Promise<void>>()
  let key = 0

  async function contextNow(): Promise<PhotoContext> {
    const { anchor, ...rest } = options.context
    return { ...rest, position: options.position, anchor: await anchor() }
  }

  async function keepPhoto(of: string, make: () => Promise<EvidencePhoto>): Promise<void> {
    const entry = { key: ++key, kind: of }
    const old = replacing.value
    replacing.value = null
    problem.value = null
    pending.value = [...pending.value, entry]
    let stage: 'shot' | 'save' = 'shot'
    try {
      const photo = await make()
      stage = 'save'
      await options.store(photo)
      if (old !== null) replaced(old)
    } catch (error) {
      console.error('photo not kept', error)
      problem.value = problemOf(error, stage)
      replacing.value = old
      kind.value = of
    } finally {
      pending.value = pending.value.filter((other) => other.key !== entry.key)
      busy.value = false
    }
  }

  function track(job: Promise<void>): Promise<void> {
    work.add(job)
    return job.finally(() => work.delete(job))
  }

  /** `onShot` fires when the pixels are there, long before the evidence is. */
  function shoot(onShot: () => void): Promise<void> {
    if (busy.value) return Promise.resolve()
    busy.value = true
    const of = kind.value
    return track(
      keepPhoto(of, async () =>
        takeEvidencePhoto({
          ...(await contextNow()),
          session: options.session,
          kind: of,
          onShot: () => {
            busy.value = false
            kind.value = nextKind(kinds.value, all.value, of)
            onShot()
          },
        }),
      ),
    )
  }

  function addFromGallery(file: File): Promise<void> {
    const of = kind.value
    return track(
      keepPhoto(of, async () => {
        const photo = await fromGallery(file, of, await contextNow())
        kind.value = nextKind(kinds.value, all.value, of)
        return photo
      }),
    )
  }

  /** Whoever picks a kind by hand wants a further photo, not the one he had begun to replace. */
  function choose(code: string): void {
    kind.value = code
    replacing.value = null
    problem.value = null
  }

  /** The next shot takes the place of `photo`, which stays until then. */
  function retake(photo: ShownPhoto): void {
    choose(photo.kind)
    replacing.value = photo.photoId
  }

  /** Resolves when nothing is being made or kept any more; never rejects. */
  async function settled(): Promise<void> {
    while (work.size > 0) await Promise.allSettled(work)
  }

  return {
    kind,
    busy,
    problem,
    pending,
    progress: computed(() => progress(kinds.value, all.value)),
    missing: computed(() => progress(kinds.value, all.value).reduce((sum, one) => sum + one.missing, 0)),
    shoot,
    addFromGallery,
    choose,
    retake,
    settled,
  }
}
