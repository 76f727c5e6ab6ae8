/** What the server answers about rights, and words that several screens of them share. */
import type { components } from '@/generated/api'
import { request } from '@/api/client'
import { i18n, textOrNull } from '@/app/i18n'
import type { Scope } from '@/app/session'
import { declarations, fieldLabel, permissionLabel, recordLabel, recordPlural } from '@/ui/declarations'

type Schemas = components['schemas']
export type Overview = Schemas['Overview']
export type PersonRights = Schemas['PersonRights']
export type CellReason = Schemas['CellReason']
export type Change = Schemas['Change']
export type WhyAnswer = Schemas['WhyAnswer']
export type Reason = Schemas['Reason']
export type HandoverPreview = Schemas['Preview']

export const SCOPES: Scope[] = ['own', 'subordinates', 'department', 'all']

export interface PermissionGroup {
  group: string
  label: string
  names: string[]
}

/** `order.approve` belongs to the group `order`; a group's own operations come first. */
export function permissionGroups(): PermissionGroup[] {
  const found = new Map<string, string[]>()
  for (const name of declarations().permissions) {
    const group = name.slice(0, name.indexOf('.'))
    found.set(group, [...(found.get(group) ?? []), name])
  }
  const usual = ['view', 'create', 'edit', 'delete', 'export']
  const rank = (name: string) => usual.indexOf(name.split('.')[1] ?? '') + 1 || 9
  return [...found].map(([group, names]) => ({
    group,
    label: declarations().records[group] ? recordPlural(group) : (textOrNull(`people.group.${group}`) ?? group),
    names: names.sort((a, b) => rank(a) - rank(b)),
  }))
}

/** "Customer: view" is drawn as "view" under its group. */
export const shortLabel = (name: string): string =>
  permissionLabel(name)
    .split(/[:：·]\s*/)
    .at(-1)!
    .trim()

export const scopeWord = (scope: Scope | null | undefined): string => i18n.global.t(`people.scope_${scope ?? 'none'}`)

/** `customer.mobile` in words, or `phone` for all numbers. */
export function fieldName(key: string): string {
  const [record = '', field] = key.split('.')
  if (!field) return i18n.global.t(`people.rights.group_${key}`)
  return i18n.global.t('people.rights.field', { record: recordLabel(record), field: fieldLabel(record, field) })
}

/** What a command about rights would change. */
export const previewed = <T>(command: string, args: object): Promise<T> =>
  request<T>(`/api/rights/preview/${command}`, { method: 'POST', json: args })
