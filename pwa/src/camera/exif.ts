/**
 * EXIF for the app's own photos: when, where, which capture (docs/sync-protocol.md, "Time tokens and capture records").
 *
 * piexif-ts builds the small EXIF block only. It works on strings with one character a byte, so putting a whole photo
 * through it would copy megabytes several times; the block is spliced into the JPEG's bytes here instead.
 */
import { dump, TagValues, Tags, Types } from 'piexif-ts/dist/piexif.js'
import type { Moment, PositionSample } from './capture'

const { ImageIFD, ExifIFD, GPSIFD } = TagValues

// The EXIF standard (CIPA DC-008, 4.6.5) says UNDEFINED for UserComment; piexif-ts 2.1 has it as ASCII, where readers
// stop at the NULs of the character code.
Tags.Exif[ExifIFD.UserComment]!.type = Types.Undefined

export interface ExifFacts {
  captureId: string
  width: number
  height: number
  /** Null for a picture from the gallery: nobody knows when it was taken. */
  moment: Moment | null
  /** Null when there was no fix, and for a picture from the gallery. */
  position: PositionSample | null
}

/** The JPEG with this EXIF and no other. Throws `RangeError` when `jpeg` is not a JPEG. The input is not changed. */
export function writeExif(jpeg: Uint8Array, facts: ExifFacts): Uint8Array<ArrayBuffer> {
  return replaceExif(jpeg, exifBlock(facts))
}

function exifBlock({ captureId, width, height, moment, position }: ExifFacts): Uint8Array {
  const image = { [ImageIFD.Orientation]: 1, [ImageIFD.Software]: 'Xunke' }
  const exif = {
    [ExifIFD.ExifVersion]: '0231',
    [ExifIFD.UserComment]: `ASCII\0\0\0${captureId}`,
    [ExifIFD.ColorSpace]: 1,
    [ExifIFD.PixelXDimension]: width,
    [ExifIFD.PixelYDimension]: height,
    [ExifIFD.ImageUniqueID]: captureId.replaceAll('-', ''),
    ...(moment ? timeTags(moment) : {}),
  }
  const block = dump({ '0th': image, Exif: exif, ...(position ? { GPS: gpsTags(position) } : {}) })
  return Uint8Array.from(block, (char) => char.charCodeAt(0))
}

function timeTags({ epochMs, offsetMinutes }: Moment): Record<number, string> {
  const local = new Date(epochMs + offsetMinutes * 60_000).toISOString()
  return {
    [ExifIFD.DateTimeOriginal]: `${local.slice(0, 10).replaceAll('-', ':')} ${local.slice(11, 19)}`,
    [ExifIFD.SubSecTimeOriginal]: local.slice(20, 23),
    [ExifIFD.OffsetTimeOriginal]: offsetText(offsetMinutes),
  }
}

function offsetText(minutes: number): string {
  const size = Math.abs(minutes)
  const [hours, rest] = [Math.floor(size / 60), size % 60].map((part) => String(part).padStart(2, '0'))
  return `${minutes < 0 ? '-' : '+'}${hours}:${rest}`
}

type Rational = [numerator: number, denominator: number]

function gpsTags({ lat, lng, accuracy, at }: PositionSample): Record<number, unknown> {
  const time = new Date(at)
  return {
    [GPSIFD.GPSVersionID]: [2, 3, 0, 0],
    [GPSIFD.GPSLatitudeRef]: lat < 0 ? 'S' : 'N',
    [GPSIFD.GPSLatitude]: degrees(lat),
    [GPSIFD.GPSLongitudeRef]: lng < 0 ? 'W' : 'E',
    [GPSIFD.GPSLongitude]: degrees(lng),
    [GPSIFD.GPSTimeStamp]: [
      [time.getUTCHours(), 1],
      [time.getUTCMinutes(), 1],
      [time.getUTCSeconds() * 1000 + time.getUTCMilliseconds(), 1000],
    ] satisfies Rational[],
    [GPSIFD.GPSMapDatum]: 'WGS-84',
    [GPSIFD.GPSDateStamp]: time.toISOString().slice(0, 10).replaceAll('-', ':'),
    [GPSIFD.GPSHPositioningError]: [Math.min(Math.round(accuracy * 100), 0xffffffff), 100] satisfies Rational,
  }
}

/** Degrees, minutes, seconds to 1/10000″ (3 mm): rounded once as a whole, so that 59.99999″ carries over. */
function degrees(value: number): Rational[] {
  const units = Math.round(Math.abs(value) * 36_000_000)
  return [
    [Math.floor(units / 36_000_000), 1],
    [Math.floor(units / 600_000) % 60, 1],
    [units % 600_000, 10_000],
  ]
}

const SOI = 0xd8
const SOS = 0xda
const APP0 = 0xe0
const APP1 = 0xe1

/** EXIF directly after the start marker, as cameras write it; JFIF and any older EXIF segment make room for it. */
function replaceExif(jpeg: Uint8Array, block: Uint8Array): Uint8Array<ArrayBuffer> {
  if (jpeg[0] !== 0xff || jpeg[1] !== SOI) throw new RangeError('not a JPEG')
  const kept: Uint8Array[] = []
  let at = 2
  while (at + 4 <= jpeg.length && jpeg[at] === 0xff && jpeg[at + 1] !== SOS) {
    const marker = jpeg[at + 1]!
    const end = at + 2 + ((jpeg[at + 2]! << 8) | jpeg[at + 3]!)
    if (end > jpeg.length) throw new RangeError('JPEG ends inside a segment')
    if (marker !== APP0 && marker !== APP1) kept.push(jpeg.subarray(at, end))
    at = end
  }
  kept.push(jpeg.subarray(at))
  const length = block.length + 2
  const head = Uint8Array.of(0xff, SOI, 0xff, APP1, length >> 8, length & 0xff)
  return concat([head, block, ...kept])
}

function concat(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
