/**
 * The photos one leafs through. A short list stands in the history's entry itself, so that it is still there after a
 * reload and gone with the way back; the wall's thousands are kept once for the tab, and the entry only names them.
 */
const KEY = 'xunke.album'

interface Album {
  name: string
  ids: string[]
}
let laid: Album | null = null

/** What goes into the history's entry for a long list. */
export function layAlbum(ids: readonly string[]): { album: string } {
  laid = { name: String(Date.now()), ids: [...ids] }
  try {
    sessionStorage.setItem(KEY, JSON.stringify(laid))
  } catch (problem) {
    console.warn(problem) // full or forbidden: the album lasts until the tab is reloaded
  }
  return { album: laid.name }
}

function kept(): Album | null {
  try {
    const { name, ids } = JSON.parse(sessionStorage.getItem(KEY) ?? '') as Partial<Album>
    return typeof name === 'string' && Array.isArray(ids) ? { name, ids } : null
  } catch {
    return null
  }
}

export function albumWith(id: string): string[] {
  const { album } = (history.state ?? {}) as { album?: unknown }
  if (typeof album === 'string') laid = laid?.name === album ? laid : kept()
  const ids: unknown[] = Array.isArray(album) ? album : laid && laid.name === album ? laid.ids : []
  const texts = ids.filter((one): one is string => typeof one === 'string' && one !== '')
  return texts.includes(id) ? texts : [id]
}

let seen = ''
/** The photo that was looked at last: the wall goes on there. */
export const lastSeen = {
  note: (id: string): void => void (seen = id),
  take(): string {
    const id = seen
    seen = ''
    return id
  },
}
