/** Any error as a sentence a person can act on. */
import { ApiError } from '@/api/problem'
import { i18n, textOrNull } from '@/app/i18n'
import { errorText, fieldLabel } from './labels'

/** What happened and what to do. `record` lets the sentence name the field as the form does. */
export function sentence(error: unknown, record?: string): string {
  const { t } = i18n.global
  if (!(error instanceof ApiError)) {
    const code = error instanceof Error && 'code' in error ? String((error as { code: unknown }).code) : null
    const foreseen = code && textOrNull(`problem.${code}`)
    if (foreseen) return foreseen
    console.error(error) // not foreseen: the words below say little, the console says where
    return (
      (code && errorText(code)) || t('problem.unknown', { code: code ?? (error instanceof Error ? error.name : '?') })
    )
  }
  if (error.code === 'offline' || error.code === 'timeout' || error.code === 'bad_answer')
    return t(`problem.${error.code}`)
  // The server names the field in its own language; where the record is known, the reader's words count.
  const known = error.field && record ? { label: fieldLabel(record, error.field) } : {}
  const declared = errorText(error.code, { label: error.field ?? '', ...error.params, ...known })
  if (declared) return declared
  return error.status >= 500
    ? t('problem.server', { status: error.status })
    : error.detail || t('problem.unknown', { code: error.code })
}
