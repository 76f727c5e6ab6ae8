/** Dots that would cover each other become one with a number. */

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
