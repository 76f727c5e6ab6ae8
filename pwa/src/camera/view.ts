/** What CameraView and the visit agree on. */
import type { PhotoSource, PositionSample, Sign, TimeAnchor } from './capture'
import { ImageError } from './image'

/** A photo of this visit as the screen shows it. */
export interface ShownPhoto {
  photoId: string
  kind: string
  source: PhotoSource
  note: string
  thumbnail: ArrayBuffer
  /** UTC, the phone's clock. */
  takenAt: string
  place: PositionSample | null
}

/** Whose photos these are. `anchor` is asked anew at every shot. */
export interface ShotContext {
  visit: { id: string }
  customer: { id: string }
  device: { id: string }
  anchor: () => TimeAnchor | Promise<TimeAnchor>
  sign: Sign
}

export type PhotoProblem = 'shot' | 'unreadable' | 'encoder' | 'storage_full' | 'save'

/** `stage`: whether it failed before there was a photo, or while it was being kept. */
export function problemOf(error: unknown, stage: 'shot' | 'save'): PhotoProblem {
  if (error instanceof ImageError) return error.code
  // Dexie wraps the browser's error; both carry the name.
  const names = [error, (error as { inner?: unknown } | null)?.inner].map((e) => (e as Error | undefined)?.name)
  return names.includes('QuotaExceededError') ? 'storage_full' : stage
}
