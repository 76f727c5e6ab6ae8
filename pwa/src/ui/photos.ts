/** Which photos a field may point to: those of the visit or the customer that is being filled in, else one's own latest. */
import { inject, provide, type InjectionKey } from 'vue'

export interface PhotoScope {
  index: 'visit_id' | 'customer_id'
  id: string
}

const KEY: InjectionKey<() => PhotoScope | null> = Symbol('photos')

/** The scope of a row of this record. */
export function photoScope(record: string, row: Record<string, unknown> | undefined): PhotoScope | null {
  const id = row?.id
  if (record === 'visit' && typeof id === 'string') return { index: 'visit_id', id }
  const customer = record === 'customer' ? id : row?.customer_id
  return typeof customer === 'string' ? { index: 'customer_id', id: customer } : null
}

export const providePhotos = (scope: () => PhotoScope | null): void => provide(KEY, scope)
export const usePhotoScope = (): (() => PhotoScope | null) => inject(KEY, () => null)
