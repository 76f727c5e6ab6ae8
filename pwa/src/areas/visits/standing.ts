import type { Row } from '@/sync/types'

/** A photo stays with the company; one that its taker set aside is none of the visit's photos any more. */
export const isWithdrawn = (photo: Row): boolean => photo.withdrawn_at != null

/** Whether it counts for its visit, as the server counts: an accusation is not withdrawn. */
export const speaks = (photo: Row): boolean =>
  !isWithdrawn(photo) || (photo.overruled_to ?? photo.verdict) === 'suspect'
