/** Small sentences about a customer that several screens say. */
import { i18n } from '@/app/i18n'
import { fieldNamed } from '@/ui/declarations'
import { addDays, clock, dayOf, shortDate, today } from '@/ui/format'
import type { Customer } from './types'

/** Many addresses begin with the district or more of it; nothing is said twice. */
export const addressOf = (row: Customer): string => {
  const address = row.address ?? ''
  const area = [row.province === row.city ? '' : row.province, row.city, row.district].filter((part) => !!part)
  const from = area.findIndex((part) => address.startsWith(String(part)))
  return [...(from < 0 ? area : area.slice(0, from)), address].join('')
}

/** The numbers of which a customer has at least one (CU-2). */
const NUMBERS = ['mobile', 'landline', 'office_phone', 'fax'] as const

/** Whether a number has yet to be filled in. Nobody is asked for one who may write none; a masked one is one. */
export const lacksNumber = (values: Readonly<Record<string, unknown>>): boolean =>
  !NUMBERS.some((name) => values[name]) && NUMBERS.some((name) => fieldNamed('customer', name)?.readonly === false)

/** The number one calls first, and its field. */
export function numberOf(row: Customer): { field: string; value: string } | null {
  const field = (['mobile', 'landline', 'office_phone'] as const).find((name) => row[name])
  return field ? { field, value: String(row[field]) } : null
}

/** "明天 10:00", "11-24", "逾期 3 天": when the customer is to be called again. */
export function appointment(at: string): string {
  const { t } = i18n.global
  const day = dayOf(at)
  const now = today()
  if (day < now) return t('customers.overdue', { date: shortDate(day) })
  if (day === now) return t('customers.due_today', { time: clock(at) })
  if (day === addDays(now, 1)) return t('customers.due_tomorrow', { time: clock(at) })
  return t('customers.due_on', { date: shortDate(day) })
}
