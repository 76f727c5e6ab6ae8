/** Dots that would cover each other become one with a number. */
import type { Cell } from './points'

export interface Dot {
  id: string
  lat: number
  lng: number
  mark: Mark
  title: string
  /** A number beside the sign, e.g. which visit of the day it was. */
  badge?: string
}
export type Mark = 'verified' | 'unverified' | 'suspect' | 'open'

export interface Cluster {
  x: number
  y: number
  dots: Dot[]
  /** The mark that needs to be seen: one suspect visit must not vanish among nine good ones. */
  mark: Mark
}

const loudest: readonly Mark[] = ['suspect', 'unverified', 'open', 'verified']

/** How a visit's evidence is drawn; without photos or before the check nothing is verified. */
export const markOf = (evidence: string | undefined): Mark =>
  evidence === 'verified' || evidence === 'suspect' || evidence === 'unverified' ? evidence : 'open'

/** `place` gives pixels; dots nearer than `reach` pixels to the first of a cluster join it. */
export function clusters(dots: readonly Dot[], place: (dot: Dot) => { x: number; y: number }, reach = 26): Cluster[] {
  const found: Cluster[] = []
  for (const dot of dots) {
    const { x, y } = place(dot)
    const near = found.find((cluster) => Math.hypot(cluster.x - x, cluster.y - y) < reach)
    if (!near) found.push({ x, y, dots: [dot], mark: dot.mark })
    else {
      near.dots.push(dot)
      if (loudest.indexOf(dot.mark) < loudest.indexOf(near.mark)) near.mark = dot.mark
    }
  }
  return found
}

/** Cells whose marks would cover each other become one, the fullest first; `place` gives pixels. */
export function joined(cells: readonly Cell[], place: (cell: Cell) => { x: number; y: number }, reach = 38): Cell[] {
  const groups: { x: number; y: number; cells: Cell[] }[] = []
  for (const cell of [...cells].sort((a, b) => b.count - a.count)) {
    const { x, y } = place(cell)
    // What stands alone is small: it may come nearer.
    const near = groups.find(
      (group) => Math.hypot(group.x - x, group.y - y) < (group.cells[0]!.count + cell.count > 2 ? reach : reach / 2),
    )
    if (near) near.cells.push(cell)
    else groups.push({ x, y, cells: [cell] })
  }
  return groups.map(({ cells: [first, ...others] }) => (others.length === 0 ? first! : sumOf([first!, ...others])))
}

function sumOf(cells: readonly Cell[]): Cell {
  const count = cells.reduce((sum, cell) => sum + cell.count, 0)
  const middle = (of: (cell: Cell) => number) => cells.reduce((sum, cell) => sum + of(cell) * cell.count, 0) / count
  return {
    id: cells[0]!.id,
    count,
    lat: middle((cell) => cell.lat),
    lng: middle((cell) => cell.lng),
    south: Math.min(...cells.map((cell) => cell.south)),
    west: Math.min(...cells.map((cell) => cell.west)),
    north: Math.max(...cells.map((cell) => cell.north)),
    east: Math.max(...cells.map((cell) => cell.east)),
    name: null,
    mark: 'many',
    parts: cells.map((cell) => cell.id),
  }
}

export interface Label {
  id: string
  x: number
  y: number
  /** Pixels. */
  width: number
}

/** Which names have room to the right of their marks, without covering another name or mark; the first ones win. */
export function readable(
  labels: readonly Label[],
  marks: readonly { x: number; y: number; r: number }[],
): Set<string> {
  const GAP = 10
  const HALF = 9
  const taken: { left: number; right: number; y: number }[] = []
  const found = new Set<string>()
  for (const { id, x, y, width } of labels) {
    const [left, right] = [x + GAP, x + GAP + width]
    const covers =
      taken.some((other) => Math.abs(other.y - y) < 2 * HALF && left < other.right && other.left < right) ||
      marks.some((mark) => Math.abs(mark.y - y) < HALF + mark.r && mark.x + mark.r > left && mark.x - mark.r < right)
    if (covers) continue
    taken.push({ left, right, y })
    found.add(id)
  }
  return found
}
