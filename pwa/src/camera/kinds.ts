/** The kinds of photos a visit wants: 门头, 货架, 订货本, 其他, or what the company made of it. */

export interface PhotoKind {
  code: string
  /** How many a visit needs; 0 means welcome. */
  required: number
  /** The company's own name of the kind; the four built-in ones are translated. */
  label?: string
}

export const DEFAULT_KINDS: readonly PhotoKind[] = [
  { code: 'storefront', required: 1 },
  { code: 'shelf', required: 1 },
  { code: 'order_book', required: 0 },
  { code: 'other', required: 0 },
]

/** How a photo of this kind is filed: the built-in kinds by their code, the company's own by the entry of its list. */
export function kindFields(code: string): { kind: string; kind_id: string | null } {
  return DEFAULT_KINDS.some((kind) => kind.code === code)
    ? { kind: code, kind_id: null }
    : { kind: 'other', kind_id: code }
}

/** The code a photo was filed under. */
export const codeOf = (photo: { kind?: unknown; kind_id?: unknown }): string =>
  String(photo.kind_id ?? photo.kind ?? 'other')

interface OfKind {
  kind: string
}

export interface KindProgress extends PhotoKind {
  taken: number
  /** How many required ones are still to be taken. */
  missing: number
}

export function progress(kinds: readonly PhotoKind[], photos: readonly OfKind[]): KindProgress[] {
  return kinds.map((kind) => {
    const taken = photos.filter((photo) => photo.kind === kind.code).length
    return { ...kind, taken, missing: Math.max(0, kind.required - taken) }
  })
}

/**
 * The kind to offer after a shot of `current`: the next one that is still missing, in the company's order and starting
 * after `current`; when nothing is missing, `current` stays, for the rep may want another one of it.
 */
export function nextKind(kinds: readonly PhotoKind[], photos: readonly OfKind[], current: string): string {
  const all = progress(kinds, photos)
  const at = all.findIndex((kind) => kind.code === current)
  if (at >= 0 && all[at]!.missing > 0) return current
  const round = [...all.slice(at + 1), ...all.slice(0, at + 1)]
  return round.find((kind) => kind.missing > 0)?.code ?? current
}
