/** Ops in plain words: what was done, about whom, what became of it. */
import { i18n, textOrNull } from '@/app/i18n'
import type { OutboxOp } from '@/sync/types'
import { format, trim } from '@/ui/decimal'
import { recordNamed } from '@/ui/declarations'
import { errorText, fieldLabel, recordLabel } from '@/ui/labels'
import { dateTime, shortDate } from '@/ui/format'
import { toldInWords } from '../approvals/told'

/** "签到", "新建联系人", or for commands this version has no words for, the record and the verb. */
export function commandLabel(command: string): string {
  const own = textOrNull(`sync.command.${command}`)
  if (own) return own
  const dot = command.lastIndexOf('.')
  const verb = textOrNull(`sync.verb.${command.slice(dot + 1)}`)
  return verb ? i18n.global.t('sync.verb_of', { verb, what: recordLabel(command.slice(0, dot)) }) : command
}

/** Everything in an error's parameters as people read it: money with its sign, dates short. */
function readable(params: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(params).map(([name, value]) => {
      if (typeof value !== 'string') return [name, value]
      if (/^-?\d+\.\d{2,4}$/.test(value))
        return [name, /^-?\d+\.\d{4}$/.test(value) ? `¥${price(value)}` : format(value)]
      if (/^\d{4}-\d\d-\d\d$/.test(value)) return [name, shortDate(value)]
      if (/^\d{4}-\d\d-\d\dT/.test(value)) return [name, dateTime(value)]
      return [name, value]
    }),
  )
}

/** At least two decimals, more only where they say something. */
export function price(value: string): string {
  const plain = trim(value)
  return format(plain, Math.max(2, plain.split('.')[1]?.length ?? 0))
}

/** Why, as a sentence; the code itself where nobody has written one. */
export function reasonText(op: OutboxOp, code: string, params: Record<string, unknown> = {}): string {
  const type = op.about?.type ?? op.command.slice(0, op.command.lastIndexOf('.'))
  const field = typeof params.field === 'string' ? params.field : null
  let label = params.label
  if (field) {
    try {
      if (recordNamed(type).fields.some((one) => one.name === field)) label = fieldLabel(type, field)
    } catch {
      // A command about something that is no record of its own.
    }
  }
  return (
    textOrNull(`sync.reason.${code}`, readable(params)) ??
    errorText(code, { ...readable(toldInWords(params)), label }) ??
    i18n.global.t('sync.unknown_reason', { code })
  )
}
