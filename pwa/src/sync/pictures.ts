/** Small pictures of photos that the service worker keeps, so that what one has looked at shows without network. It knows
 * nothing of rows; what becomes of a customer's pictures when the customer leaves this phone is said from here. */

export const PICTURES = 'pictures-v1'
const ADDRESS = /^\/media\/v1\/photos\/([^/]+)\/small$/

/** The id of the photo of which this is the address of the small picture, else null. */
export function pictureAt(url: URL): string | null {
  return ADDRESS.exec(url.pathname)?.[1] ?? null
}

export interface Pictures {
  /** The photos of which there is a picture. */
  ids(): Promise<string[]>
  /** Drops those of these photos; null: all. */
  drop(ids: readonly string[] | null): Promise<void>
}

/** null where the browser has no such caches. Where they cannot be opened, the service worker has not kept any either. */
export function browserPictures(): Pictures | null {
  if (!('caches' in globalThis)) return null
  const quietly = async <T>(work: () => Promise<T>, otherwise: T): Promise<T> => {
    try {
      return await work()
    } catch (error) {
      console.warn('the kept pictures cannot be opened', error)
      return otherwise
    }
  }
  const kept = async (): Promise<Array<[string, Request, Cache]>> => {
    if (!(await caches.has(PICTURES))) return []
    const cache = await caches.open(PICTURES)
    return (await cache.keys()).map((request) => [pictureAt(new URL(request.url)) ?? '', request, cache])
  }
  return {
    ids: () => quietly(async () => (await kept()).map(([id]) => id), []),
    drop: (ids) =>
      quietly(async () => {
        if (ids === null) await caches.delete(PICTURES)
        else if (ids.length > 0) {
          const dropped = new Set(ids)
          const found = (await kept()).filter(([id]) => dropped.has(id))
          await Promise.all(found.map(([, request, cache]) => cache.delete(request)))
        }
      }, undefined),
  }
}
