/** A number was called from a list or a file: what came of it is written down with one tap. */
import { getRecord } from '@/api/records'
import { i18n, loadArea } from '@/app/i18n'
import { useSession } from '@/app/session'
import { useEngine } from '@/sync/vue'
import type { CalledNumber } from '@/ui/calls'
import { sentence } from '@/ui/problems'
import { run } from '@/ui/run'
import { isMasked } from '@/ui/rights'
import { showUndo } from '@/ui/undo'
import { called, methodOf, useMethods } from './records'

const OUTCOMES = { call: ['reached', 'no_answer'], chat: ['answered', 'left'] } as const
type Outcome = (typeof OUTCOMES)['call' | 'chat'][number]
/** A call takes a while; whoever comes back from it still finds the question. */
const WAITS = 10 * 60_000

export async function noteCall({ record, id, number, way = 'call' }: CalledNumber): Promise<void> {
  if (!useSession().can('contact_record.create') || (record !== 'customer' && record !== 'contact')) return
  const contact = record === 'contact' ? id : null
  const customer = contact ? await customerOf(contact) : id
  if (!customer) return
  // On the phone the customer's page asks; at the desk there may be no page, and the device may not hold the customer.
  if (!location.pathname.startsWith('/desk')) return called(customer, contact, number, way)
  await loadArea('followups')
  const { t } = i18n.global
  const at = new Date().toISOString()
  const write = async (outcome: Outcome) => {
    const method = methodOf(way, useMethods().value, number)
    const row = useEngine().newId()
    const values = {
      customer_id: customer,
      contacted_at: at,
      content: t(`followups.outcome.${outcome}`),
      ...(contact && { contact_id: contact }),
      ...(way === 'call' && !isMasked(number) && { phone: number }),
      ...(method && { method_id: method }),
    }
    const undo = async () => void (await run('contact_record.delete', { id: row }))
    try {
      await run('contact_record.create', { id: row, values }, { done: t('followups.saved'), undo, later: true })
    } catch (error) {
      showUndo({ text: sentence(error, 'contact_record'), for: 8_000 })
    }
  }
  showUndo({
    text: t(`followups.what_came.${way}`),
    for: WAITS,
    next: [
      ...OUTCOMES[way].map((outcome) => ({ label: t(`followups.outcome.${outcome}`), take: () => write(outcome) })),
      { label: t(`followups.not_done.${way}`), take: () => undefined },
    ],
  })
}

async function customerOf(contact: string): Promise<string | null> {
  const here = await useEngine()
    .get('contact', contact)
    .catch(() => undefined)
  const row = here ?? (await getRecord('contact', contact).catch(() => null))
  return row ? String(row.customer_id) : null
}
