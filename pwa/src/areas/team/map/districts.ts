/** The names on the map's ground: cities and districts, where the customers in them are. */
import { computed, type ComputedRef } from 'vue'
import { useAnswer } from '../answers'
import type { Page } from '../types'
import { boundsOf, namesOf, type NamedPlace } from './grid'

/** Degrees the asked box is rounded out to, so that every day asks the same question. */
const ROUND = 0.25

/** One page of customers around the places tells the districts there well enough. */
export function useDistricts(places: () => readonly { lat: number; lng: number }[]): ComputedRef<NamedPlace[]> {
  const answer = useAnswer<Page<Record<string, unknown>>>(() => {
    const bounds = boundsOf(places())
    if (!bounds) return null
    return {
      path: '/api/customers',
      query: {
        geo_lat__ge: Math.floor(bounds.south / ROUND) * ROUND,
        geo_lat__le: Math.ceil(bounds.north / ROUND) * ROUND,
        geo_lng__ge: Math.floor(bounds.west / ROUND) * ROUND,
        geo_lng__le: Math.ceil(bounds.east / ROUND) * ROUND,
        // Ids begin with the time of making: this order mixes the places.
        sort: 'id',
        limit: 200,
      },
    }
  })
  return computed(() => namesOf(answer.data.value?.items ?? []))
}
