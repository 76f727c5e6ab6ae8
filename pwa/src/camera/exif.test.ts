// @vitest-environment node
import { load, TagValues } from 'piexif-ts/dist/piexif.js'
import { describe, expect, it } from 'vitest'
import { type ExifFacts, writeExif } from './exif'
import { TINY_JPEG as JPEG } from './testing'

const { ExifIFD, GPSIFD } = TagValues

const facts: ExifFacts = {
  captureId: '0190f2c4-1111-7222-8333-444455556666',
  width: 1536,
  height: 2048,
  moment: { epochMs: Date.UTC(2026, 10, 21, 18, 30, 5, 42), offsetMinutes: 480, perfMs: 0 },
  position: { lat: -36.0671, lng: 120.99999999, accuracy: 12.5, at: '2026-11-21T18:30:01.250Z' },
}

function read(bytes: Uint8Array) {
  return load(String.fromCharCode(...bytes))
}

describe('EXIF on a photo', () => {
  it('says the local time, its offset and the capture', () => {
    const { Exif } = read(writeExif(JPEG, facts))
    expect(Exif![ExifIFD.DateTimeOriginal]).toBe('2026:11:22 02:30:05')
    expect(Exif![ExifIFD.OffsetTimeOriginal]).toBe('+08:00')
    expect(Exif![ExifIFD.ImageUniqueID]).toBe('0190f2c4111172228333444455556666')
    expect(Exif![ExifIFD.UserComment]).toBe('ASCII\0\0\x000190f2c4-1111-7222-8333-444455556666')
    expect(Exif![ExifIFD.PixelXDimension]).toBe(1536)
  })

  it('says the place in WGS-84 and the fix time in UTC, as rationals', () => {
    const { GPS } = read(writeExif(JPEG, facts))
    expect(GPS![GPSIFD.GPSLatitudeRef]).toBe('S')
    expect(GPS![GPSIFD.GPSLatitude]).toEqual([
      [36, 1],
      [4, 1],
      [15_600, 10_000],
    ])
    expect(GPS![GPSIFD.GPSLongitudeRef]).toBe('E')
    expect(GPS![GPSIFD.GPSLongitude]).toEqual([
      [121, 1],
      [0, 1],
      [0, 10_000],
    ])
    expect(GPS![GPSIFD.GPSDateStamp]).toBe('2026:11:21')
    expect(GPS![GPSIFD.GPSTimeStamp]).toEqual([
      [18, 1],
      [30, 1],
      [1250, 1000],
    ])
    expect(GPS![GPSIFD.GPSHPositioningError]).toEqual([1250, 100])
  })

  it('writes west of Greenwich and half hours right', () => {
    const moment = { epochMs: Date.UTC(2026, 0, 1), offsetMinutes: -210, perfMs: 0 }
    const { Exif } = read(writeExif(JPEG, { ...facts, moment }))
    expect(Exif![ExifIFD.OffsetTimeOriginal]).toBe('-03:30')
    expect(Exif![ExifIFD.DateTimeOriginal]).toBe('2025:12:31 20:30:00')
  })

  it('claims no place without a fix and no time for a gallery picture', () => {
    const { Exif, GPS } = read(writeExif(JPEG, { ...facts, moment: null, position: null }))
    expect(Exif).not.toHaveProperty(String(ExifIFD.DateTimeOriginal))
    expect(GPS).toBeUndefined()
    expect(Exif![ExifIFD.ImageUniqueID]).toHaveLength(32)
  })
})

describe('the JPEG around it', () => {
  it('keeps every byte of the picture and has EXIF once, first', () => {
    const once = writeExif(JPEG, facts)
    const twice = writeExif(once, facts)
    expect(twice).toEqual(once)
    expect([...once.subarray(0, 4)]).toEqual([0xff, 0xd8, 0xff, 0xe1])
    const picture = JPEG.subarray(20)
    expect(once.subarray(once.length - picture.length)).toEqual(picture)
  })

  it('that is none is refused', () => {
    expect(() => writeExif(new TextEncoder().encode('%PDF-1.7'), facts)).toThrow(RangeError)
    expect(() => writeExif(JPEG.subarray(0, 40), facts)).toThrow(RangeError)
  })
})
