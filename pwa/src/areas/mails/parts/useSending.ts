/** A mail that is being written, and sending it. */
import { computed } from 'vue'
import { i18n } from '@/app/i18n'
import { useDraft, useEngine } from '@/sync/vue'
import { run } from '@/ui/run'
import type { Draft } from './MailForm.vue'

export function useSending(customer: string, to: string, contact: string | null) {
  const engine = useEngine()
  const draft = useDraft<Draft>(`mail/${customer}`, () => ({
    account_id: null,
    to,
    cc: '',
    subject: '',
    body: '',
    attachments: [],
  }))
  const complete = computed(() => {
    const { account_id, to, subject, body } = draft.value.value
    return !!account_id && [to, subject, body].every((text) => text.trim())
  })
  const id = engine.newId()
  async function send() {
    const { account_id, to, cc, subject, body, attachments } = draft.value.value
    await run(
      'mail.send',
      {
        id,
        customer_id: customer,
        contact_id: contact,
        account_id,
        to,
        cc: cc.trim() || null,
        subject,
        body,
        attachments,
      },
      { touches: ['mail', 'contact_record'], done: i18n.global.t('mails.queued') },
    )
    await draft.drop()
  }
  return { draft, complete, send }
}
