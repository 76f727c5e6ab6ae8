// @vitest-environment node
import { expect, it } from 'vitest'
import { photosThatFit } from './room'

const disk = (usage: number | undefined, quota: number | undefined) => ({ estimate: async () => ({ usage, quota }) })

it('is counted in photos of the largest usual size, with a little kept free', async () => {
  expect(await photosThatFit(disk(10_000_000, 100_000_000))).toBe(100)
  expect(await photosThatFit(disk(89_999_999, 100_000_000))).toBe(0)
  expect(await photosThatFit(disk(99_000_000, 100_000_000))).toBe(0)
})

it('is unknown where the browser does not tell', async () => {
  expect(await photosThatFit(undefined)).toBeNull()
  expect(await photosThatFit(disk(undefined, 5))).toBeNull()
  expect(await photosThatFit({ estimate: () => Promise.reject(new Error('private mode')) })).toBeNull()
})
