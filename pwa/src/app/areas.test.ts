import { expect, it } from 'vitest'
import { areas, unlisted } from './areas'

it('every area with routes is in the list, under its own name', () => {
  expect(unlisted).toEqual([])
  expect(new Set(areas.map((area) => area.name)).size).toBe(areas.length)
})
