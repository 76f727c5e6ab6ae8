/**
 * Where this phone was last, for "near me" and distances. It is measured only while somebody asks for it or is at a
 * visit, never in the background.
 */
import { shallowRef } from 'vue'
import { distanceBetween } from '@/camera/sketch'
import { remember, remembered } from '@/app/deviceMemory'

/** Degrees WGS-84; accuracy in metres; `at` in milliseconds since 1970. */
export interface KnownPlace {
  lat: number
  lng: number
  accuracy: number
  at: number
}

const KEY = 'xunke.place'
/** Milliseconds. A day later nobody is where he was. */
const FORGET_AFTER = 12 * 3_600_000

function kept(): KnownPlace | null {
  try {
    const place = JSON.parse(remembered(KEY) ?? 'null') as KnownPlace | null
    return place && Date.now() - place.at < FORGET_AFTER ? place : null
  } catch {
    return null
  }
}

export const lastPlace = shallowRef<KnownPlace | null>(kept())

export function rememberPlace(place: Omit<KnownPlace, 'at'> & { at?: number }): void {
  const { lat, lng, accuracy, at = Date.now() } = place
  lastPlace.value = { lat, lng, accuracy, at }
  remember(KEY, JSON.stringify(lastPlace.value))
}

/** Asks the phone once; false when it does not know or may not say. */
export function measurePlace(): Promise<boolean> {
  return new Promise((resolve) => {
    if (!navigator.geolocation) return resolve(false)
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        rememberPlace({ lat: coords.latitude, lng: coords.longitude, accuracy: coords.accuracy })
        resolve(true)
      },
      () => resolve(false),
      { enableHighAccuracy: false, maximumAge: 120_000, timeout: 10_000 },
    )
  })
}

/** Metres from where this phone was last; null when either place is unknown. */
export function metresAway(row: { [field: string]: unknown } | null | undefined): number | null {
  const here = lastPlace.value
  const { geo_lat, geo_lng } = row ?? {}
  if (!here || typeof geo_lat !== 'number' || typeof geo_lng !== 'number') return null
  return distanceBetween(here, { lat: geo_lat, lng: geo_lng })
}
