// @vitest-environment node
import { describe, expect, it } from 'vitest'
import { chooseQuality, fit, PHOTO_SIZE } from './image'

/** A scene whose JPEG has `bytes` at quality 0.82 and changes with quality about as real ones do. */
function scene(bytes: number) {
  const asked: number[] = []
  const encode = async (quality: number) => {
    asked.push(quality)
    return { quality, size: Math.round(bytes * Math.exp((quality - 0.82) * 5)) }
  }
  return { asked, encode }
}

describe('the size of a photo', () => {
  it('is right at once for an ordinary scene', async () => {
    const { asked, encode } = scene(520_000)
    await chooseQuality(encode, PHOTO_SIZE)
    expect(asked).toEqual([0.82])
  })

  it.each([170_000, 260_000, 290_000, 900_000, 2_000_000, 3_500_000])(
    'ends between 0.3 and 0.8 MB for a scene of %i bytes, in a few trials',
    async (bytes) => {
      const { asked, encode } = scene(bytes)
      const { size } = await chooseQuality(encode, PHOTO_SIZE)
      expect(size).toBeGreaterThanOrEqual(PHOTO_SIZE.least)
      expect(size).toBeLessThanOrEqual(PHOTO_SIZE.most)
      expect(asked.length).toBeLessThanOrEqual(5)
    },
  )

  it('takes the best there is of a plain wall', async () => {
    const { asked, encode } = scene(40_000)
    expect((await chooseQuality(encode, PHOTO_SIZE)).quality).toBe(0.95)
    expect(asked).toHaveLength(2)
  })

  it('takes the smallest there is of a hedge in the wind, rather than refuse it', async () => {
    const { encode } = scene(20_000_000)
    expect((await chooseQuality(encode, PHOTO_SIZE)).quality).toBe(0.4)
  })
})

describe('the picture', () => {
  it('has a long edge of 2048, upright or lying', () => {
    expect(fit(3000, 4000, 2048)).toEqual({ width: 1536, height: 2048 })
    expect(fit(4000, 3000, 2048)).toEqual({ width: 2048, height: 1536 })
  })

  it('is never blown up, and never vanishes', () => {
    expect(fit(640, 480, 2048)).toEqual({ width: 640, height: 480 })
    expect(fit(9000, 1, 2048)).toEqual({ width: 2048, height: 1 })
  })
})
