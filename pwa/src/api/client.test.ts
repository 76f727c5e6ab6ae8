import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ApiError, command, onExpired, request, withQuery } from './client'

const answer = (status: number, body: unknown, type = 'application/problem+json') =>
  new Response(typeof body === 'string' ? body : JSON.stringify(body), { status, headers: { 'Content-Type': type } })

describe('requests', () => {
  const fetched = vi.fn<typeof fetch>()
  beforeEach(() => {
    vi.stubGlobal('fetch', fetched)
    vi.stubGlobal('document', { documentElement: { lang: 'zh-CN' } })
  })
  afterEach(() => {
    vi.unstubAllGlobals()
    fetched.mockReset()
    onExpired(() => undefined)
  })

  it('leaves empty filters out of the address', () => {
    expect(withQuery('/api/customers', { q: '王记', stage: '', owner: null, limit: 50 })).toBe(
      '/api/customers?q=%E7%8E%8B%E8%AE%B0&limit=50',
    )
  })

  it('turns problem details into a typed error with its parameters', async () => {
    fetched.mockResolvedValue(
      answer(422, { code: 'too_long', field: 'name', detail: 'x', params: { max: 40 }, label: '名称' }),
    )
    const error = await request('/api/customers').catch((caught: unknown) => caught)
    expect(error).toBeInstanceOf(ApiError)
    expect(error).toMatchObject({
      status: 422,
      code: 'too_long',
      field: 'name',
      params: { max: 40, label: '名称' },
    })
  })

  it('gives an answer that is no JSON a code of its own', async () => {
    fetched.mockResolvedValue(answer(502, '<html>bad gateway', 'text/html'))
    await expect(request('/api/me')).rejects.toMatchObject({ status: 502, code: 'http_502' })
  })

  it('says offline when nothing answers', async () => {
    fetched.mockRejectedValue(new TypeError('Failed to fetch'))
    await expect(request('/api/me')).rejects.toMatchObject({ status: 0, code: 'offline', offline: true })
  })

  it('reports an expired session once per answer, but not a wrong password', async () => {
    const expired = vi.fn()
    onExpired(expired)
    fetched.mockImplementation(async () => answer(401, { code: 'session_expired' }))
    await request('/api/customers').catch(() => undefined)
    await request('/api/login', { method: 'POST', json: {} }).catch(() => undefined)
    expect(expired).toHaveBeenCalledTimes(1)
  })

  it('sends a command with its idempotency key', async () => {
    fetched.mockResolvedValue(answer(200, { id: '1' }, 'application/json'))
    await command('order.approve', { id: '1' }, 'key-1')
    const [path, init] = fetched.mock.calls[0]!
    expect(path).toBe('/api/commands/order.approve')
    expect(init?.headers).toMatchObject({ 'Idempotency-Key': 'key-1' })
  })
})
