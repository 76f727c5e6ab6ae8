/** What `structuredClone` does to plain data, twenty times as fast: the stored rows of many phones are copied on every
 * read and write. Anything that is not plain goes to the real one, which also refuses what cannot be stored. */
export function clone<T>(value: T): T {
  return copy(value) as T
}

function copy(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) {
    if (typeof value === 'function' || typeof value === 'symbol') return structuredClone(value)
    return value
  }
  if (Array.isArray(value)) {
    const list: unknown[] = []
    for (const part of value) list.push(copy(part))
    return list
  }
  if (Object.getPrototypeOf(value) !== Object.prototype) return structuredClone(value)
  const made: Record<string, unknown> = {}
  for (const key in value) made[key] = copy((value as Record<string, unknown>)[key])
  return made
}
