/** The photo wall as data: what is shown of the photos of some days, in which groups, and what lies where. */
import type { Verdict } from './verdicts'
import { verdictOf } from '../types'

export interface WallPhoto {
  id: string
  customer: string
  visit: string | null
  /** A built-in kind, or the id of the company's own. */
  kind: string
  /** Who took it. */
  person: string
  at: string
  verdict: Verdict
  /** 3 suspect, 2 unverified, 1 not judged yet, 0 verified or decided by a manager. */
  attention: number
  /** Its taker set it aside, e.g. took it again. */
  withdrawn: boolean
}

/** The server's answer: rows with the values of `columns`, suspects first. */
export interface WallAnswer {
  columns: string[]
  items: unknown[][]
  refs: { customer?: Record<string, string> }
  /** Not null: there is more than was asked for. */
  next: string | null
  /** Of the whole period, at most 10,001. */
  total: number | null
}

export function photosOf({ columns, items }: WallAnswer): WallPhoto[] {
  const at = (name: string) => columns.indexOf(name)
  const [id, customer, visit, kind, person, taken, verdict, overruled, attention, withdrawn] = [
    'id', 'customer_id', 'visit_id', 'kind', 'taken_by', 'taken_at', 'verdict', 'overruled_to', 'attention',
    'withdrawn_at',
  ].map(at) as [number, number, number, number, number, number, number, number, number, number] // prettier-ignore
  const seen = new Set<unknown>()
  const found: WallPhoto[] = []
  for (const row of items) {
    // One that was decided on between two pages comes twice.
    if (seen.has(row[id])) continue
    seen.add(row[id])
    found.push({
      id: String(row[id]),
      customer: String(row[customer]),
      visit: (row[visit] as string | null) ?? null,
      kind: String(row[kind]),
      person: String(row[person]),
      at: String(row[taken]),
      verdict: verdictOf({
        verdict: String(row[verdict]),
        overruled_to: row[overruled] as string | null,
      }) as Verdict,
      attention: Number(row[attention]),
      withdrawn: row[withdrawn] != null,
    })
  }
  return found
}

export const grounds = ['verdict', 'person', 'customer', 'kind'] as const
/** What photos are filtered and put together by. */
export type Ground = (typeof grounds)[number]
/** '' for all. */
export type Filter = Record<Ground, string>

export const matching = (photos: readonly WallPhoto[], filter: Filter): WallPhoto[] =>
  photos.filter((photo) => grounds.every((ground) => !filter[ground] || photo[ground] === filter[ground]))

/** How many photos each choice of a filter would show, the other filters as they are. */
export function counts(photos: readonly WallPhoto[], filter: Filter, ground: Ground): Map<string, number> {
  const found = new Map<string, number>()
  for (const photo of matching(photos, { ...filter, [ground]: '' }))
    found.set(photo[ground], (found.get(photo[ground]) ?? 0) + 1)
  return found
}

export interface Group {
  /** '' where nothing is put together. */
  key: string
  name: string
  suspects: number
  photos: WallPhoto[]
}

/** The groups with the most open suspects first, then by name; within each the photos stay in their order. */
export function grouped(
  photos: readonly WallPhoto[],
  by: Ground | '',
  nameOf: (ground: Ground, key: string) => string,
): Group[] {
  if (photos.length === 0) return []
  const groups = new Map<string, Group>()
  for (const photo of photos) {
    const key = by ? photo[by] : ''
    let group = groups.get(key)
    if (!group) groups.set(key, (group = { key, name: by ? nameOf(by, key) : '', suspects: 0, photos: [] }))
    group.photos.push(photo)
    if (photo.attention === 3) group.suspects += 1
  }
  const order = new Intl.Collator(undefined, { numeric: true })
  return [...groups.values()].sort((a, b) => b.suspects - a.suspects || order.compare(a.name, b.name))
}

/** A heading or one row of pictures; `from` and `to` count photos over all groups. */
export interface Line {
  head: boolean
  group: number
  from: number
  to: number
  top: number
  height: number
}

/** Where everything lies. Pixels; headings only where there is something to head. */
export function lines(
  groups: readonly Group[],
  columns: number,
  rowHeight: number,
  headHeight: number,
): { lines: Line[]; height: number } {
  const found: Line[] = []
  let top = 0
  let from = 0
  for (const [group, { key, photos }] of groups.entries()) {
    if (key) {
      found.push({ head: true, group, from, to: from, top, height: headHeight })
      top += headHeight
    }
    const end = from + photos.length
    for (; from < end; from += columns) {
      found.push({ head: false, group, from, to: Math.min(end, from + columns), top, height: rowHeight })
      top += rowHeight
    }
    from = end
  }
  return { lines: found, height: top }
}

/** The lines that touch what is between `top` and `bottom`, found by halving. */
export function within(all: readonly Line[], top: number, bottom: number): Line[] {
  let low = 0
  let high = all.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (all[middle]!.top + all[middle]!.height <= top) low = middle + 1
    else high = middle
  }
  let end = low
  while (end < all.length && all[end]!.top < bottom) end += 1
  return all.slice(low, end)
}

export const lineWith = (all: readonly Line[], index: number): number =>
  all.findIndex((line) => !line.head && line.from <= index && index < line.to)

export type Move = 'left' | 'right' | 'up' | 'down' | 'first' | 'last' | 'page-up' | 'page-down'

/** Where a key leads from a photo; `page` is how many rows fit on the screen. */
export function moved(all: readonly Line[], index: number, move: Move, page: number): number {
  const count = all.at(-1)?.to ?? 0
  if (count === 0) return 0
  if (move === 'first') return 0
  if (move === 'last') return count - 1
  if (move === 'left') return Math.max(0, index - 1)
  if (move === 'right') return Math.min(count - 1, index + 1)
  const here = lineWith(all, index)
  const step = move === 'up' || move === 'page-up' ? -1 : 1
  const column = index - (all[here]?.from ?? 0)
  let left = move.startsWith('page') ? page : 1
  let found = here
  for (let at = here + step; at >= 0 && at < all.length && left > 0; at += step) {
    if (all[at]!.head) continue
    found = at
    left -= 1
  }
  const line = all[found]
  return line ? Math.min(line.from + column, line.to - 1) : index
}
