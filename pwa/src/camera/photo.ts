/**
 * From a shot to evidence: pixels → JPEG → EXIF → hash → capture record → signature. In this order, because every step
 * binds the one before; after `sha256` nobody may touch the bytes.
 */
import { uuid7 } from '@/sync/uuid'
import type { CameraSession } from './camera'
import {
  buildCapture,
  type Moment,
  momentNow,
  type PhotoSource,
  type PositionSample,
  sha256Hex,
  type Sign,
  signCapture,
  type TimeAnchor,
} from './capture'
import { writeExif } from './exif'
import { type EvidenceImage, toEvidenceImage } from './image'
import { bestSample, type PositionSampler } from './position'

/** What a photo belongs to, and the device's word for it. `anchor` is asked at the shot, not before. */
export interface PhotoContext {
  visit: { id: string }
  customer: { id: string }
  device: { id: string }
  position: Pick<PositionSampler, 'samples'>
  anchor: TimeAnchor
  sign: Sign
}

export interface ShotRequest extends PhotoContext {
  session: Pick<CameraSession, 'shoot'>
  /** Code of the kind: `storefront`, `shelf`, `order_book`, `other`, or one the company added. */
  kind: string
  /** Called when the camera is free for the next shot; making evidence of this one goes on beside it. */
  onShot?: () => void
}

export interface EvidencePhoto {
  /** Also the capture id. */
  photoId: string
  kind: string
  source: PhotoSource
  /** The final JPEG, to be stored and sent as it is. */
  bytes: ArrayBuffer
  /** Hex. */
  sha256: string
  /** The capture record's exact text. */
  capture: string
  /** base64url, 86 characters. */
  signature: string
  /** Pixels. */
  width: number
  height: number
  /** JPEG of at most 240 pixels for the screens of this phone. */
  thumbnail: ArrayBuffer
  /** UTC, the phone's clock. */
  takenAt: string
  /** The sample that stands in the EXIF; null without a fix and for a gallery picture. */
  place: PositionSample | null
}

/** Throws `ImageError`, or what the session's `shoot()` throws. Never waits for a position. */
export async function takeEvidencePhoto(request: ShotRequest): Promise<EvidencePhoto> {
  const moment = momentNow()
  const samples = request.position.samples()
  const shot = await request.session.shoot()
  request.onShot?.()
  return seal(request, request.kind, 'camera', await toEvidenceImage(shot), moment, samples)
}

/**
 * A picture that the app did not take itself: accepted, signed for who handed it in and when, but never verified. Its
 * EXIF claims neither a time nor a place of taking, since nobody here knows them. Throws `ImageError`.
 */
export async function fromGallery(file: Blob, kind: string, context: PhotoContext): Promise<EvidencePhoto> {
  const moment = momentNow()
  const samples = context.position.samples()
  return seal(context, kind, 'gallery', await toEvidenceImage(file), moment, samples)
}

async function seal(
  context: PhotoContext,
  kind: string,
  source: PhotoSource,
  image: EvidenceImage,
  moment: Moment,
  samples: PositionSample[],
): Promise<EvidencePhoto> {
  const photoId = uuid7()
  const own = source === 'camera'
  const place = own ? bestSample(samples, moment.epochMs) : null
  const bytes = writeExif(image.bytes, {
    captureId: photoId,
    width: image.width,
    height: image.height,
    moment: own ? moment : null,
    position: place,
  })
  const sha256 = await sha256Hex(bytes)
  const record = buildCapture({
    captureId: photoId,
    sha256,
    visitId: context.visit.id,
    customerId: context.customer.id,
    deviceId: context.device.id,
    kind,
    source,
    moment,
    anchor: context.anchor,
    samples,
  })
  const signed = await signCapture(record, context.sign)
  return {
    photoId,
    kind,
    source,
    bytes: bytes.buffer,
    sha256,
    capture: signed.text,
    signature: signed.signature,
    width: image.width,
    height: image.height,
    thumbnail: image.thumbnail.buffer,
    takenAt: record.taken_at,
    place,
  }
}
