/** The declared words of records, fields, choices, permissions and errors; the bare name where a label is missing. */
import { language, languages, textOrNull } from '@/app/i18n'
import { ownChoiceLabel, ownLabel } from './own'
import { baseOf, tableLabel, titleLabel } from './tables'

export const recordLabel = (record: string): string =>
  tableLabel(record) ?? textOrNull(`record.${baseOf(record)}`) ?? record
export const recordPlural = (record: string): string =>
  tableLabel(record) ?? textOrNull(`record.${baseOf(record)}.plural`) ?? recordLabel(record)
export const fieldLabel = (record: string, field: string): string =>
  (field === 'title' ? titleLabel(record) : null) ??
  textOrNull(`field.${baseOf(record)}.${field}`) ??
  ownLabel(record, field) ??
  field
/** What is said below the field while it is filled in; most have nothing. */
export const fieldHint = (record: string, field: string): string | null => textOrNull(`hint.${record}.${field}`)
export const choiceLabel = (record: string, field: string, choice: string): string =>
  textOrNull(`choice.${record}.${field}.${choice}`) ?? ownChoiceLabel(record, field, choice) ?? choice
export const sectionLabel = (section: string): string => textOrNull(`section.${section}`) ?? ''
export const permissionLabel = (permission: string): string => textOrNull(`permission.${permission}`) ?? permission
/** The sentence of an error code, or null where the server declares none. */
export const errorText = (code: string, params: Record<string, unknown> = {}): string | null =>
  textOrNull(`error.${code}`, inLanguage(params))

/** A stored outcome has labels in 简体中文, and beside them under `words` in all languages. What was said better meanwhile,
 * e.g. as the form does, stays. */
function inLanguage({ words, ...params }: Record<string, unknown>): Record<string, unknown> {
  const all = Object.entries((words ?? {}) as Record<string, string[]>)
  const told = all.filter(([name, texts]) => params[name] === texts[0])
  return {
    ...params,
    ...Object.fromEntries(told.map(([name, texts]) => [name, texts[languages.indexOf(language.value)]])),
  }
}
