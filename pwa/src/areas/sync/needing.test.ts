import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { OutboxOp, Row } from '@/sync/types'
import { needing } from './needing'

const op = (id: string, status: string, conflicts: string[] = []) =>
  ({ id, result: { id, status, conflicts } }) as unknown as OutboxOp
const conflict = (id: string, mine_by: string, state = 'open'): Row => ({
  id,
  rev: 1,
  root: 'company',
  mine_by,
  state,
})

describe('what needs the user', () => {
  it('is a conflict once, whether its op is here or was made on another device', () => {
    const ops = [op('a', 'rejected'), op('b', 'conflict', ['x'])]
    const found = needing(ops, [conflict('x', 'li'), conflict('y', 'li')], 'li')
    expect(found.ops.map(({ id }) => id)).toEqual(['a'])
    expect(found.conflicts.map(({ id }) => id)).toEqual(['x', 'y'])
    expect(found.count).toBe(3)
  })

  it('is the op again when somebody else has decided the conflict, and nothing of other people', () => {
    const found = needing(
      [op('b', 'conflict', ['x'])],
      [conflict('x', 'li', 'resolved'), conflict('z', 'zhao')],
      'li',
    )
    expect(found.ops.map(({ id }) => id)).toEqual(['b'])
    expect(found.count).toBe(1)
  })
})

it('every command has a name that people read', () => {
  const { command: names, verb } = JSON.parse(readFileSync('src/areas/sync/i18n.zh-CN.json', 'utf8')) as {
    command: Record<string, Record<string, string>>
    verb: Record<string, string>
  }
  const commands = [...readFileSync('src/generated/api.d.ts', 'utf8').matchAll(/"\/api\/commands\/(\w+)\.(\w+)"/g)]
  expect(commands.length).toBeGreaterThan(50)
  const nameless = commands.filter(([, record, what]) => !names[record!]?.[what!] && !verb[what!])
  expect(nameless.map(([path]) => path)).toEqual([])
})
