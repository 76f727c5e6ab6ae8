/**
 * From whatever the camera or the gallery gave to the JPEG that becomes evidence: long edge at most 2048 pixels,
 * 0.3 to 0.8 MB, upright. Everything that changes pixels happens here, before the bytes are hashed.
 */

export const LONG_EDGE = 2048
const THUMBNAIL_EDGE = 240

/** Bytes; the EXIF that is written afterwards adds about 600. */
export interface SizeBand {
  least: number
  most: number
}
export const PHOTO_SIZE: SizeBand = { least: 300_000, most: 800_000 }

const QUALITY = { first: 0.82, least: 0.4, most: 0.95, steps: 5 }

export interface EvidenceImage {
  bytes: Uint8Array<ArrayBuffer>
  width: number
  height: number
  /** JPEG of at most 240 pixels, a few kB, for lists on this phone. */
  thumbnail: Uint8Array<ArrayBuffer>
}

/** `unreadable`: no picture, or of a kind this browser cannot decode. `encoder`: the browser gave no JPEG. */
export class ImageError extends Error {
  constructor(
    readonly code: 'unreadable' | 'encoder',
    options?: ErrorOptions,
  ) {
    super(code, options)
  }
}

/** Throws `ImageError`. */
export async function toEvidenceImage(source: Blob): Promise<EvidenceImage> {
  const picture = await decode(source)
  try {
    const { width, height } = fit(picture.width, picture.height, LONG_EDGE)
    const canvas = draw(picture.image, width, height)
    const blob = await chooseQuality((quality) => encode(canvas, quality), PHOTO_SIZE)
    const small = fit(width, height, THUMBNAIL_EDGE)
    const thumbnail = await encode(draw(canvas, small.width, small.height), 0.7)
    return { bytes: await bytesOf(blob), width, height, thumbnail: await bytesOf(thumbnail) }
  } finally {
    picture.release()
  }
}

/** The size with the same proportions whose long edge is at most `edge`; never larger than it was. */
export function fit(width: number, height: number, edge: number): { width: number; height: number } {
  const scale = Math.min(1, edge / Math.max(width, height))
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) }
}

/**
 * The best quality that keeps the picture inside the band, found in a few trial encodings.
 *
 * A plain wall stays under the band at the best quality, a hedge in the wind over it at the worst: both are taken as
 * they are, because the band is there to save the rep's traffic, not to refuse photos.
 */
export async function chooseQuality<T extends { size: number }>(
  encodeAt: (quality: number) => Promise<T>,
  band: SizeBand,
): Promise<T> {
  let low = QUALITY.least
  let high = QUALITY.most
  let quality = QUALITY.first
  let under: T | null = null
  let over: T | null = null
  for (let step = 1; step <= QUALITY.steps; step++) {
    const trial = await encodeAt(quality)
    if (trial.size > band.most) {
      over = trial
      if (quality === QUALITY.least) break
      high = quality
      // After two that were too big, find out first whether any fits.
      quality = under === null && step >= 2 ? QUALITY.least : (low + high) / 2
    } else {
      if (trial.size >= band.least) return trial
      under = trial
      if (quality === QUALITY.most) break
      low = quality
      quality = over === null ? QUALITY.most : (low + high) / 2
    }
  }
  return (under ?? over)!
}

interface Picture {
  image: CanvasImageSource
  width: number
  height: number
  release: () => void
}

/** Upright pixels: the file's orientation tag is applied, by either way of decoding. */
async function decode(source: Blob): Promise<Picture> {
  try {
    const bitmap = await createImageBitmap(source, { imageOrientation: 'from-image' })
    return { image: bitmap, width: bitmap.width, height: bitmap.height, release: () => bitmap.close() }
  } catch {
    // Some browsers decode more kinds in <img> (HEIC on Safari) than in createImageBitmap.
    return decodeWithElement(source)
  }
}

async function decodeWithElement(source: Blob): Promise<Picture> {
  const url = URL.createObjectURL(source)
  const image = new Image()
  image.src = url
  try {
    await image.decode()
  } catch (error) {
    URL.revokeObjectURL(url)
    throw new ImageError('unreadable', { cause: error })
  }
  return {
    image,
    width: image.naturalWidth,
    height: image.naturalHeight,
    release: () => URL.revokeObjectURL(url),
  }
}

type Canvas = OffscreenCanvas | HTMLCanvasElement

export function blankCanvas(width: number, height: number): Canvas {
  if (typeof OffscreenCanvas !== 'undefined') return new OffscreenCanvas(width, height)
  return Object.assign(document.createElement('canvas'), { width, height })
}

function draw(image: CanvasImageSource, width: number, height: number): Canvas {
  const canvas = blankCanvas(width, height)
  const context = canvas.getContext('2d', { alpha: false }) as
    CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D | null
  if (context === null) throw new ImageError('encoder')
  context.imageSmoothingQuality = 'high'
  context.drawImage(image, 0, 0, width, height)
  return canvas
}

/** JPEG. Throws `ImageError` when the browser answers with nothing or falls back to PNG. */
export async function encode(canvas: Canvas, quality: number): Promise<Blob> {
  const blob =
    'convertToBlob' in canvas
      ? await canvas.convertToBlob({ type: 'image/jpeg', quality })
      : await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/jpeg', quality))
  if (blob?.type !== 'image/jpeg') throw new ImageError('encoder')
  return blob
}

/** One frame of the live picture, in the video's own size, at high quality: it is encoded again afterwards. */
export async function grabFrame(video: HTMLVideoElement): Promise<Blob> {
  if (video.videoWidth === 0) throw new ImageError('unreadable')
  return encode(draw(video, video.videoWidth, video.videoHeight), QUALITY.most)
}

async function bytesOf(blob: Blob): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await blob.arrayBuffer())
}
