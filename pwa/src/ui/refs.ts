/**
 * How a form finds and names other records. Phones read the local store, the desk asks the server; each area says how
 * its records are looked up, and forms need not know.
 */
export interface RefChoice {
  id: string
  label: string
  /** A second line that tells likes apart. */
  hint?: string
}

export interface RefSource {
  /** At most `limit` choices matching what was typed, best first; the empty text gives the likeliest. */
  find(typed: string, options: { list: string | null; limit: number }): Promise<RefChoice[]>
  name(id: string): Promise<string | null>
}

const sources = new Map<string, RefSource>()
let otherwise: ((record: string) => RefSource) | null = null

export function provideRefs(record: string, source: RefSource): void {
  sources.set(record, source)
}

/** Used for records without a source of their own. */
export function provideOtherRefs(make: (record: string) => RefSource): void {
  otherwise = make
}

export function refSource(record: string): RefSource | null {
  const found = sources.get(record)
  if (found || !otherwise) return found ?? null
  const made = otherwise(record)
  sources.set(record, made)
  return made
}
