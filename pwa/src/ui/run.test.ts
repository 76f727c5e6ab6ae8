// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { ApiError } from '@/api/problem'
import { run } from './run'
import { onRecordChanged } from './table/changed'
import { closeUndo, shownUndo } from './undo'

const post = vi.hoisted(() => vi.fn())
const engine = vi.hoisted(() => ({ get: vi.fn(), submit: vi.fn() }))
vi.mock('@/api/client', () => ({ command: post }))
vi.mock('@/sync/vue', () => ({ useEngine: () => engine }))

const applied = { status: 'applied', code: null, detail: {}, conflicts: [], changes: [], result: null }
const network = (online: boolean) => vi.spyOn(navigator, 'onLine', 'get').mockReturnValue(online)
const keyOf = (call: number) => post.mock.calls[call]![2] as string

beforeEach(() => {
  network(true)
  engine.get.mockResolvedValue(undefined)
  engine.submit.mockResolvedValue(undefined)
  post.mockResolvedValue(applied)
})
afterEach(() => {
  vi.restoreAllMocks()
  vi.clearAllMocks()
  closeUndo()
})

it('repeats a command whose answer was lost under its old key', async () => {
  const args = { id: 'lost', decision: 'approve' }
  post.mockRejectedValueOnce(new ApiError(0, 'timeout')).mockRejectedValueOnce(new ApiError(502, 'http_502'))
  await expect(run('order.release', args)).rejects.toMatchObject({ code: 'timeout' })
  await expect(run('order.release', args)).rejects.toMatchObject({ status: 502 })
  expect(await run('order.release', args)).toEqual(applied)
  expect(new Set([keyOf(0), keyOf(1), keyOf(2)]).size).toBe(1)
  await run('order.release', args)
  expect(keyOf(3)).not.toBe(keyOf(0))
})

it('what the server refused, or what is asked differently, goes under a new key', async () => {
  post.mockRejectedValueOnce(new ApiError(422, 'on_hold')).mockRejectedValueOnce(new ApiError(0, 'timeout'))
  await expect(run('order.approve', { id: 'a' })).rejects.toMatchObject({ code: 'on_hold' })
  await expect(run('order.approve', { id: 'a' })).rejects.toMatchObject({ code: 'timeout' })
  await run('order.approve', { id: 'b' })
  expect(new Set([keyOf(0), keyOf(1), keyOf(2)]).size).toBe(3)
})

it('without network, new rows and rows this device holds wait in the outbox', async () => {
  network(false)
  const waiting = await run('customer.create', { id: 'c1', values: {} }, { later: true, draft: 'form' })
  expect(waiting.status).toBe('waiting')
  expect(engine.submit).toHaveBeenCalledWith('customer.create', { id: 'c1', values: {} }, { draft: 'form' })
  engine.get.mockResolvedValue({ id: 'c2' })
  expect((await run('customer.edit', { id: 'c2', set: {} }, { later: true })).status).toBe('waiting')
  expect(engine.get).toHaveBeenCalledWith('customer', 'c2')
  expect(post).not.toHaveBeenCalled()
})

it('without network, decisions and rows that are not here are refused', async () => {
  network(false)
  await expect(run('order.approve', { id: 'o1' })).rejects.toMatchObject({ code: 'offline' })
  await expect(run('customer.edit', { id: 'elsewhere' }, { later: true })).rejects.toMatchObject({ code: 'offline' })
  expect(engine.submit).not.toHaveBeenCalled()
  expect(post).not.toHaveBeenCalled()
})

it('an answer that was lost while the network was there is not put into the outbox: it may have been done', async () => {
  post.mockRejectedValueOnce(new ApiError(0, 'timeout'))
  await expect(run('customer.create', { id: 'c3' }, { later: true })).rejects.toMatchObject({ code: 'timeout' })
  expect(engine.submit).not.toHaveBeenCalled()
})

it('tells open lists what changed, and says what is out of the ordinary', async () => {
  const heard = vi.fn()
  const stop = onRecordChanged(heard)
  await run('order.approve', { id: 'o1' }, { done: 'approved' })
  expect(heard).toHaveBeenCalledWith('order', 'o1')
  expect(shownUndo.value?.text).toBe('approved')
  post.mockResolvedValue({ ...applied, status: 'held' })
  await run('order.place', { id: 'o2' }, { touches: ['order', 'customer'], done: 'placed' })
  expect(heard.mock.calls.slice(1)).toEqual([
    ['order', null],
    ['customer', null],
  ])
  expect(shownUndo.value?.text).not.toBe('placed')
  closeUndo()
  await run('order.place', { id: 'o3' }, { quiet: true })
  expect(shownUndo.value).toBeNull()
  stop()
})
