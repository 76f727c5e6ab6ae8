/** The photos one leafs through: the ids of the list the viewer was opened from stand in the history's entry, so that
 * they are still there after a reload and gone with the way back. */
export function albumWith(id: string): string[] {
  const { album } = (history.state ?? {}) as { album?: unknown }
  const ids = Array.isArray(album) ? album.filter((one): one is string => typeof one === 'string' && one !== '') : []
  return ids.includes(id) ? ids : [id]
}
