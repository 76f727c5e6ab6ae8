import { describe, expect, it } from 'vitest'
import type { ApiError } from '@/api/problem'
import { readReport } from './report'

const step = (done: number, more: object = {}) =>
  `${JSON.stringify({ done, size: null, name: null, code: null, ...more })}\n`

/** The bytes of an answer as the network cuts them. */
function cut(text: string, size: number) {
  const bytes = new TextEncoder().encode(text)
  const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, n) =>
    bytes.slice(n * size, (n + 1) * size),
  )
  return new ReadableStream<Uint8Array<ArrayBuffer>>({
    start(control) {
      for (const piece of pieces) control.enqueue(piece)
      control.close()
    },
  }).getReader()
}
const whole = step(0) + step(1) + step(2) + step(2, { size: 9, name: 'p.pdf' }) + '%PDF\n{}\n\n'

describe('a report', () => {
  it.each([1, 7, 60, 10_000])('arrives whole in pieces of %i bytes, and says how far it is', async (size) => {
    const heard: number[] = []
    const { name, parts } = await readReport(cut(whole, size), (done) => heard.push(done))
    expect(name).toBe('p.pdf')
    expect(await new Blob(parts).text()).toBe('%PDF\n{}\n\n')
    expect(heard).toEqual([0, 1, 2, 2])
  })

  it('that breaks off is no report', async () => {
    for (const length of [whole.length - 3, 30]) {
      const failure = await readReport(cut(whole.slice(0, length), 16), () => undefined).catch((e: unknown) => e)
      expect((failure as ApiError).code).toBe('offline')
    }
  })

  it('that the server gave up says so', async () => {
    const failed = cut(step(0) + step(3, { code: 'report_failed' }), 500)
    await expect(readReport(failed, () => undefined)).rejects.toMatchObject({ code: 'report_failed' })
  })
})
