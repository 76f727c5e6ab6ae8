import { afterEach, describe, expect, it, vi } from 'vitest'
import { fillFromPack, readPack, writePack, type Packed } from './pack'

const HERE = 'https://xunke.example/app.pack'
const file = (path: string, text: string): Packed => ({
  path,
  type: 'text/javascript',
  bytes: new TextEncoder().encode(text),
})
const files = Array.from({ length: 60 }, (_, number) =>
  file(`assets/part-${number}.js`, `export default ${number} // 巡客`),
)
const addresses = files.map(({ path }) => new URL(path, HERE).href)

class Kept {
  readonly rows = new Map<string, Response>()
  keys = async () => [...this.rows.keys()].map((url) => ({ url }))
  put = async (url: string, answer: Response) => void this.rows.set(url, answer)
}

const filled = async (cache: Kept, wanted = addresses) => fillFromPack(cache as unknown as Cache, wanted, HERE)
const answers = (body: BodyInit, init?: ResponseInit) => {
  const asked = vi.fn(async () => new Response(body, init))
  vi.stubGlobal('fetch', asked)
  return asked
}
afterEach(() => vi.unstubAllGlobals())

describe('the app in one piece', () => {
  it('comes apart as it was put together', () => {
    expect(readPack(writePack(files).buffer)).toEqual(files)
  })

  it('fills the cache with what this version names, in one request', async () => {
    const asked = answers(writePack([...files, file('assets/of-another-version.js', '1')]))
    const cache = new Kept()
    expect(await filled(cache)).toEqual(new Set(addresses))
    expect([...cache.rows.keys()]).toEqual(addresses)
    const kept = cache.rows.get(addresses[7] ?? '')
    expect(kept?.headers.get('content-type')).toBe('text/javascript')
    expect(await kept?.text()).toBe('export default 7 // 巡客')
    expect(asked).toHaveBeenCalledTimes(1)
  })

  it('is not fetched for a few files, and what is kept is not written again', async () => {
    const asked = answers(writePack(files))
    const cache = new Kept()
    const old = new Response('old')
    for (const url of addresses.slice(0, 50)) cache.rows.set(url, old)
    expect(await filled(cache)).toEqual(new Set(addresses.slice(0, 50)))
    expect(asked).not.toHaveBeenCalled()
    cache.rows.delete(addresses[0] ?? '')
    for (const url of addresses.slice(10, 50)) cache.rows.delete(url)
    await filled(cache)
    expect(asked).toHaveBeenCalledTimes(1)
    expect(cache.rows.size).toBe(60)
    expect(cache.rows.get(addresses[5] ?? '')).toBe(old)
  })

  it.each([
    ['cut off', () => answers(writePack(files).slice(0, 1500))],
    ['something else', () => answers('<!doctype html>')],
    ['not there', () => answers('', { status: 404 })],
    ['out of reach', () => vi.stubGlobal('fetch', async () => Promise.reject(new TypeError('Failed to fetch')))],
  ])('leaves the files to be fetched one by one when it is %s', async (_, arrange) => {
    arrange()
    const cache = new Kept()
    expect(await filled(cache)).toEqual(new Set())
    expect(cache.rows.size).toBe(0)
  })
})
