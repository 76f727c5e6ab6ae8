/** The signs of evidence, told apart by shape as well as colour: verified ● unverified ○ suspect ▲, no photos ◌. */
import type { Mark } from './cluster'

/** Paths in a box of 20 × 20. */
export const glyphs: Record<Mark, { path: string; hollow: boolean }> = {
  verified: { path: 'M10 3.5a6.5 6.5 0 1 1 0 13a6.5 6.5 0 1 1 0-13z', hollow: false },
  unverified: { path: 'M10 4a6 6 0 1 1 0 12a6 6 0 1 1 0-12z', hollow: true },
  suspect: { path: 'M10 2.5l8 14.5h-16z', hollow: false },
  open: { path: 'M10 6a4 4 0 1 1 0 8a4 4 0 1 1 0-8z', hollow: true },
}

/** The sign as an element, for what Leaflet draws. */
export function glyphElement(mark: Mark): SVGElement {
  const space = 'http://www.w3.org/2000/svg'
  const svg = document.createElementNS(space, 'svg')
  svg.setAttribute('viewBox', '0 0 20 20')
  svg.setAttribute('class', `glyph ${mark}${glyphs[mark].hollow ? ' hollow' : ''}`)
  svg.setAttribute('aria-hidden', 'true')
  const path = document.createElementNS(space, 'path')
  path.setAttribute('d', glyphs[mark].path)
  svg.append(path)
  return svg
}

/** What stands on an avatar: two characters of a Chinese name, else initials. */
export function initials(name: string): string {
  const chars = [...name.trim()]
  if (chars.some((char) => char > '⺀')) return chars.slice(-2).join('')
  return name
    .trim()
    .split(/\s+/)
    .slice(0, 2)
    .map((word) => word[0]?.toUpperCase() ?? '')
    .join('')
}
