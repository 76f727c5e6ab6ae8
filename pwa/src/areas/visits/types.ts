/** The company's types of visits, as this phone holds them, and the photos each of them asks for. */
import { computed, type ComputedRef } from 'vue'
import { codeOf, DEFAULT_KINDS, type PhotoKind } from '@/camera/kinds'
import type { Row } from '@/sync/types'
import { choiceLabel } from '@/ui/labels'
import type { Option } from '../company/settings'
import { useTable } from '../tables'

export interface VisitType extends Row {
  name: string
  photos: { kind: string; required: number }[]
  sort: number
  is_default: boolean
  enabled: boolean
}

/** The types one may choose, in the company's order. */
export function choosable(types: Iterable<VisitType>): VisitType[] {
  return [...types]
    .filter((type) => type.enabled !== false)
    .sort((a, b) => a.sort - b.sort || a.name.localeCompare(b.name))
}

/** What a visit of this type asks for; without one, or of one that is not here (yet), what the default type asks for. */
export function kindsOfType(
  types: ReadonlyMap<string, VisitType> | undefined,
  id: string | null | undefined,
  nameOf: (option: string) => string | undefined,
): PhotoKind[] {
  const type =
    (id ? types?.get(id) : undefined) ?? [...(types?.values() ?? [])].find((one) => one.is_default === true)
  const photos = Array.isArray(type?.photos) && type.photos.length > 0 ? type.photos : null
  if (!photos) return [...DEFAULT_KINDS]
  return photos.map(({ kind, required }) => ({ code: kind, required, label: nameOf(kind) }))
}

export function useVisitTypes(): {
  types: ComputedRef<VisitType[]>
  defaultId: ComputedRef<string | null>
  /** The company's types and lists have been read. */
  ready: ComputedRef<boolean>
  nameOf: (id: unknown) => string
  kindsOf: (id: string | null | undefined) => PhotoKind[]
} {
  const all = useTable<VisitType>('visit_type')
  const options = useTable<Option>('option')
  const types = computed(() => choosable(all.value?.values() ?? []))
  const defaultId = computed(() => types.value.find((type) => type.is_default === true)?.id ?? null)
  return {
    types,
    defaultId,
    ready: computed(() => all.value !== undefined && options.value !== undefined),
    nameOf: (id) => (typeof id === 'string' ? (all.value?.get(id)?.name ?? '') : ''),
    kindsOf: (id) => kindsOfType(all.value, id, (option) => options.value?.get(option)?.name),
  }
}

/** What the kind of a photo is called, or a kind's code: the company's own name of it, else ours. */
export function useKindName(): (photo: string | { id?: unknown; kind?: unknown; kind_id?: unknown }) => string {
  const options = useTable<Option>('option')
  return (photo) => {
    const code = typeof photo === 'string' ? photo : codeOf(photo)
    const builtIn = typeof photo === 'string' ? photo : String(photo.kind ?? 'other')
    return options.value?.get(code)?.name ?? choiceLabel('photo', 'kind', builtIn)
  }
}
