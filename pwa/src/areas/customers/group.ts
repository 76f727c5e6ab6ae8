/** Customers that hang under one parent (集团, CU-18): in the order of a tree, from any of its members. */

export interface Member {
  id: string
  name: string
  parent_id?: unknown
  enabled?: boolean
  debt_total?: string | null
  sales_total?: string | null
}

export interface Placed<T> {
  row: T
  /** 0: the top one that is known here. */
  depth: number
}

/** The whole group of a customer as far as these rows know it; only itself where it has none. */
export function groupOf<T extends Member>(rows: ReadonlyMap<string, T>, id: string): Placed<T>[] {
  let top = rows.get(id)
  const climbed = new Set<string>()
  while (top && !climbed.has(top.id)) {
    climbed.add(top.id)
    const above = rows.get(String(top.parent_id ?? ''))
    if (!above) break
    top = above
  }
  if (!top) return []
  const below = new Map<string, T[]>()
  for (const row of rows.values()) {
    if (typeof row.parent_id !== 'string' || row.enabled === false) continue
    below.set(row.parent_id, [...(below.get(row.parent_id) ?? []), row])
  }
  const found: Placed<T>[] = []
  const seen = new Set<string>()
  const walk = (row: T, depth: number) => {
    if (seen.has(row.id)) return
    seen.add(row.id)
    found.push({ row, depth })
    const children = below.get(row.id) ?? []
    for (const child of children.sort((a, b) => a.name.localeCompare(b.name))) walk(child, depth + 1)
  }
  walk(top, 0)
  return found
}
