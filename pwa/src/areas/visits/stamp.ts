/** The stamp of a photo as the viewer draws it over the picture: the same facts as on a stamped copy (server/photos/stamp.py). */
import { i18n } from '@/app/i18n'
import { photoCode } from '@/camera/code'
import { distance } from '@/ui/format'
import type { VisitPhoto } from './visit'

export interface Stamp {
  mark: string
  customer: string
  facts: string[]
  who: string
  code: string
}

/** `zone`: the company's time zone, in which every copy is stamped wherever the phone is. */
export function stampOf(photo: VisitPhoto, customer: string, who: string, zone: string): Stamp {
  const { t } = i18n.global
  const at = photo.lat != null && photo.lng != null
  const accuracy = photo.accuracy == null ? '' : ` ±${Math.round(photo.accuracy)} m`
  return {
    mark: photo.source === 'gallery' ? t('visits.stamp.gallery') : '',
    customer,
    facts: [
      stampTime(photo.taken_at, zone),
      at ? `${photo.lat!.toFixed(5)}, ${photo.lng!.toFixed(5)}${accuracy}` : t('visits.stamp.no_place'),
      ...(at && photo.distance != null ? [t('visits.stamp.away', { distance: distance(photo.distance) })] : []),
    ],
    who,
    code: photo.code ?? (typeof photo.sha256 === 'string' ? photoCode(photo.sha256) : ''),
  }
}

/** `2026-11-28 10:30:15`, whatever the language. */
export function stampTime(at: string, zone: string): string {
  const options = { dateStyle: 'short', timeStyle: 'medium', timeZone: zone } as const
  return new Intl.DateTimeFormat('sv-SE', options).format(new Date(at))
}
