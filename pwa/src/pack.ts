/**
 * All lazy files of the app in one: a service worker that fetches several hundred files one after the other needs a
 * round trip for each, minutes on a slow network, and as much of the processor as everything else at a first start.
 *
 * The format: the length of the table as a 32-bit number, least byte first; the table as JSON, `[path, media type, bytes]`
 * for each file; then the files, one after the other. Names hold a hash of the content, so a file of that name is that file.
 */
export const PACK = 'app.pack'

type Entry = [path: string, type: string, bytes: number]
export interface Packed {
  path: string
  type: string
  bytes: Uint8Array<ArrayBuffer>
}

export function writePack(files: readonly Packed[]): Uint8Array<ArrayBuffer> {
  const table = new TextEncoder().encode(
    JSON.stringify(files.map(({ path, type, bytes }): Entry => [path, type, bytes.length])),
  )
  const whole = new Uint8Array(4 + table.length + files.reduce((sum, { bytes }) => sum + bytes.length, 0))
  new DataView(whole.buffer).setUint32(0, table.length, true)
  whole.set(table, 4)
  let at = 4 + table.length
  for (const { bytes } of files) {
    whole.set(bytes, at)
    at += bytes.length
  }
  return whole
}

/** Throws RangeError or SyntaxError for what is cut off or something else. */
export function readPack(whole: ArrayBuffer): Packed[] {
  const length = new DataView(whole).getUint32(0, true)
  const table = JSON.parse(new TextDecoder().decode(new Uint8Array(whole, 4, length))) as Entry[]
  let at = 4 + length
  return table.map(([path, type, size]) => {
    const bytes = new Uint8Array(whole, at, size)
    at += size
    return { path, type, bytes }
  })
}

/** Below this many missing files, each by itself is less to fetch. */
const WORTH_IT = 40

/**
 * Puts what is missing of `wanted` (addresses of files with hashed names) into the cache, from the pack at `address`.
 * Which of them are there now: not all where few were missing or the pack could not be had.
 */
export async function fillFromPack(cache: Cache, wanted: readonly string[], address: string): Promise<Set<string>> {
  const there = new Set((await cache.keys()).map(({ url }) => url))
  const missing = new Set(wanted.filter((url) => !there.has(url)))
  if (missing.size < WORTH_IT) return there
  try {
    const answer = await fetch(address, { cache: 'no-store', credentials: 'same-origin', priority: 'low' })
    if (!answer.ok) return there
    const found = readPack(await answer.arrayBuffer())
      .map((file) => ({ ...file, url: new URL(file.path, address).href }))
      .filter(({ url }) => missing.has(url))
    await Promise.all(
      found.map(async ({ url, type, bytes }) => {
        await cache.put(url, new Response(bytes, { headers: { 'content-type': type } }))
        there.add(url)
      }),
    )
  } catch {
    // They are fetched one by one.
  }
  return there
}
