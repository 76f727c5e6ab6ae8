/** Mails in words, and the accounts they may be sent from. */
import { computed } from 'vue'
import { i18n, textOrNull } from '@/app/i18n'
import type { Row } from '@/sync/types'
import { choiceLabel } from '@/ui/labels'
import { useMyId } from '../company/settings'
import { useAnswer } from '../team/answers'

export interface Mail extends Row {
  customer_id: string
  contact_id?: string | null
  recipients: string
  cc?: string | null
  subject: string
  body: string
  attachments?: { id: string; name: string }[] | null
  sender_id: string
  state: string
  sent_at?: string | null
  created_at: string
  error?: string | null
  said?: string | null
  batch_id?: string | null
}

/** Customers that one text goes to. */
export const MOST_MAILS = 500

export interface Account {
  id: string
  name: string
  address: string
  sender_name: string | null
  host: string
  port: number
  security: string
  username: string | null
  per_minute: number
  is_default: boolean
  enabled: boolean
  employee_id: string | null
}

/** A reason in words; what the other side said behind it. */
export function whyNot(code: string | null | undefined, said?: string | null): string {
  if (!code) return ''
  const text = textOrNull(`mails.why.${code}`) ?? code
  return said ? `${text} (${said})` : text
}

export function stateOf(mail: Pick<Mail, 'state' | 'error' | 'said'>): string {
  const state = choiceLabel('mail', 'state', mail.state)
  return mail.error ? `${state} · ${whyNot(mail.error, mail.said)}` : state
}
export const isBad = (mail: Pick<Mail, 'state' | 'error'>): boolean => mail.state === 'failed' || !!mail.error

/** As the company said last: without a network the accounts of last time. */
export function useAccounts() {
  const me = useMyId()
  const answer = useAnswer<{ items: Account[] }>(
    () => ({ path: '/api/mail-accounts', query: { limit: 100, sort: 'name' } }),
    ['mail_account'],
  )
  const all = computed(() => answer.data.value?.items ?? null)
  /** One's own first, the default before the others. */
  const usable = computed(
    () =>
      all.value
        ?.filter((one) => one.enabled && (!one.employee_id || one.employee_id === me))
        .sort(
          (a, b) =>
            Number(b.employee_id !== null) - Number(a.employee_id !== null) ||
            Number(b.is_default) - Number(a.is_default),
        ) ?? null,
  )
  return { ...answer, all, usable }
}

export const accountLabel = (one: Account): string =>
  `${one.name} · ${one.address}${one.employee_id ? '' : ` · ${i18n.global.t('mails.public')}`}`
