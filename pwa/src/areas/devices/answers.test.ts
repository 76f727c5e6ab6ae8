import { describe, expect, it } from 'vitest'
import { chosen, counts, isStale, sums, type DeviceState, type ImportedOp } from './answers'

const NOW = Date.parse('2026-11-21T12:00:00Z')
const device = (part: Partial<DeviceState>): DeviceState => ({
  id: part.name ?? 'd',
  name: 'Android',
  employee_id: 'e',
  employee: '张三',
  signed_in_at: '2026-11-01T00:00:00Z',
  contact_at: '2026-11-21T11:59:00Z',
  app: '0.1.0',
  outdated: false,
  waiting: 0,
  oldest_at: null,
  cloned_at: null,
  revoked_at: null,
  may_revoke: true,
  ...part,
})

describe('which devices deserve a look', () => {
  const devices = [
    device({ name: 'fine' }),
    device({ name: 'late', waiting: 3, oldest_at: '2026-11-18T00:00:00Z' }),
    device({ name: 'silent', contact_at: '2026-11-10T00:00:00Z' }),
    device({ name: 'never heard of', contact_at: null, signed_in_at: '2026-11-10T00:00:00Z' }),
    device({ name: 'old', employee: '李四', outdated: true }),
    device({ name: 'twice', cloned_at: '2026-11-20T00:00:00Z' }),
    device({ name: 'gone', contact_at: '2026-01-01T00:00:00Z', revoked_at: '2026-02-01T00:00:00Z', outdated: true }),
  ]

  it('are counted, revoked ones only for what still waits on them', () => {
    expect(counts(devices, NOW)).toEqual({ waiting: 1, silent: 2, outdated: 1, cloned: 1 })
  })

  it('are found by kind and by person or name', () => {
    expect(chosen(devices, 'silent', '', NOW).map(({ name }) => name)).toEqual(['silent', 'never heard of'])
    expect(chosen(devices, null, ' 李四', NOW).map(({ name }) => name)).toEqual(['old'])
    expect(chosen(devices, 'waiting', '李四', NOW)).toEqual([])
  })

  it('have waited too long after two days', () => {
    expect(devices.filter((one) => isStale(one, NOW)).map(({ name }) => name)).toEqual(['late'])
    expect(isStale(device({ waiting: 1, oldest_at: '2026-11-20T00:00:00Z' }), NOW)).toBe(false)
  })
})

describe('what became of an imported file', () => {
  const op = (part: Partial<ImportedOp>): ImportedOp => ({
    id: 'o',
    employee: 'e',
    command: 'visit.check_in',
    at: null,
    status: 'applied',
    code: null,
    known: false,
    ...part,
  })

  it('counts what was done, what was there before, and what somebody should look at', () => {
    const ops = [op({}), op({ status: 'adjusted' }), op({ status: 'rejected' }), op({ status: 'held', known: true })]
    expect(sums(ops)).toEqual({ done: 2, known: 1, look: 1 })
  })
})
