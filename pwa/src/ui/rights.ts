/**
 * What this person's role may do less than everything with amounts and telephone numbers; the server decides it and sends
 * nothing else (server/records/rights.py). Fields that are hidden are in no declaration, masked ones in no form of a row
 * that exists.
 */
import { shallowRef } from 'vue'
import { request } from '@/api/client'
import type { FieldDeclaration, Kind } from './declarations'

export type FieldRight = 'edit' | 'read' | 'masked' | 'hidden'
export type FieldGroup = 'phone' | 'money'

export const groupOf = (kind: Kind): FieldGroup | null =>
  kind === 'phone' ? 'phone' : kind === 'money' || kind === 'price' ? 'money' : null
/** What a role may be given of a group, the most first. */
export const rightsOf = (group: FieldGroup): FieldRight[] =>
  group === 'phone' ? ['edit', 'read', 'masked', 'hidden'] : ['edit', 'read', 'hidden']

const rights = shallowRef<Record<string, FieldRight>>({})

export function setFieldRights(found: Record<string, FieldRight> | undefined): void {
  rights.value = found ?? {}
}

/** What some rights say of a field: its own entry, else that of its group. */
export function rightIn(
  said: Record<string, FieldRight>,
  record: string,
  field: Pick<FieldDeclaration, 'name' | 'kind'>,
): FieldRight {
  const group = groupOf(field.kind)
  return group === null ? 'edit' : (said[`${record}.${field.name}`] ?? said[group] ?? 'edit')
}

/** The fields as this person has them: hidden ones are not there, others are not written. */
export function limited(record: string, fields: FieldDeclaration[]): FieldDeclaration[] {
  if (Object.keys(rights.value).length === 0) return fields
  return fields.flatMap((field) => {
    const right = rightIn(rights.value, record, field)
    if (right === 'hidden') return []
    if (right === 'read') return [{ ...field, readonly: true, required: false }]
    // Whoever is given a number may write it down once.
    return right === 'masked' ? [{ ...field, fixed: true, masked: true }] : [field]
  })
}

/** Whether this is what stands for a number that one does not read: 138****1234. */
export const isMasked = (value: unknown): boolean => typeof value === 'string' && value.includes('****')

/** Whether a text message can be written to it: a mobile number, also one that is masked. */
export const isMobile = (value: unknown): boolean =>
  typeof value === 'string' && /^(\+?86)?1[\d*]{10}$/.test(value.replaceAll(/[\s-]/g, ''))

export interface NumberPlace {
  record: string
  id: string
  field: string
}

export type NumberWay = 'call' | 'message'
export const SCHEMES: Record<NumberWay, string> = { call: 'tel', message: 'sms' }

/** Calls a number or begins a text message to it. One that is masked comes from the server, which notes who asked; it is shown nowhere here. Throws
 * ApiError: `offline`, `too_many_reveals`, `not_found`. */
export async function dial(place: NumberPlace, value: string, way: NumberWay = 'call'): Promise<void> {
  const number = isMasked(value)
    ? (
        await request<{ number: string }>('/api/phones/reveal', {
          method: 'POST',
          json: { ...place, why: way === 'call' ? 'dial' : 'message' },
          timeout: 15_000,
        })
      ).number
    : value
  location.href = `${SCHEMES[way]}:${number}`
}
