/** What a map of the team or of a day shows. Degrees WGS-84. */
import type { Dot } from './cluster'
import type { NamedPlace } from './grid'

export interface Person {
  id: string
  name: string
  lat: number
  lng: number
}

export interface MapContent {
  people: readonly Person[]
  dots: readonly Dot[]
  /** The way of a day, in order. */
  track: readonly { lat: number; lng: number }[]
  districts: readonly NamedPlace[]
  /** The dot that is spoken of elsewhere on the screen. */
  chosen: string | null
}
