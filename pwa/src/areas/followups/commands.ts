/** What the commands of contact records do to the rows on this phone before the server has answered. */
import { reducer, type ReducerTx } from '@/sync/reducers'
import type { Row } from '@/sync/types'

const text = (value: unknown): string => (typeof value === 'string' ? value : '')

/** The latest record that somebody wrote, with the customer's other ones left as they are. */
async function latest(tx: ReducerTx, customerId: string): Promise<Row | undefined> {
  const rows = (await tx.where('contact_record', 'customer_id', customerId)).filter((row) => row.automatic !== true)
  return rows.sort((a, b) => (text(a.contacted_at) < text(b.contacted_at) ? 1 : -1))[0]
}

reducer(
  'contact_record.create',
  async (tx, { id, values = {} }: { id: string; values?: Record<string, unknown> }) => {
    const there = await tx.get('contact_record', id)
    if (there && there.rev > 0) return
    await tx.put('contact_record', {
      kind: 'follow_up',
      automatic: false,
      created_at: tx.op.at,
      created_by: tx.op.employee,
      clerk_id: tx.op.employee,
      ...values,
      id,
    })
    const customer = await tx.get('customer', text(values.customer_id))
    if (!customer || tx.contains(customer)) return
    const at = text(values.contacted_at)
    // What was said before the last contact turns nothing back.
    if (at < text(customer.last_contact_at)) return
    const kept = text(customer.next_contact_at) !== '' && text(customer.next_contact_at) <= at
    await tx.patch('customer', customer.id, {
      last_contact_at: at,
      ...(values.sales_stage_id ? { sales_stage_id: values.sales_stage_id } : {}),
      ...(values.next_contact_at
        ? { next_contact_at: values.next_contact_at }
        : kept
          ? { next_contact_at: null }
          : {}),
    })
  },
)

reducer('contact_record.edit', async (tx, { id, set }: { id: string; set: Record<string, [unknown, unknown]> }) => {
  await tx.patch(
    'contact_record',
    id,
    Object.fromEntries(Object.entries(set).map(([field, [, mine]]) => [field, mine])),
  )
  const row = await tx.get('contact_record', id)
  const customer = row && (await tx.get('customer', text(row.customer_id)))
  if (!row || !customer || tx.contains(customer)) return
  if (text(row.contacted_at) < text(customer.last_contact_at)) return
  await tx.patch('customer', customer.id, {
    ...(set.sales_stage_id?.[1] ? { sales_stage_id: set.sales_stage_id[1] } : {}),
    ...('next_contact_at' in set ? { next_contact_at: set.next_contact_at?.[1] ?? null } : {}),
  })
})

reducer('contact_record.delete', async (tx, { id }: { id: string }) => {
  const row = await tx.get('contact_record', id)
  await tx.remove('contact_record', id)
  const customer = row && (await tx.get('customer', text(row.customer_id)))
  if (!row || !customer || tx.contains(customer)) return
  const last = await latest(tx, customer.id)
  const moments = [text(last?.contacted_at), text(customer.last_visit_at)].sort()
  await tx.patch('customer', customer.id, {
    last_contact_at: moments[1] || null,
    ...(row.next_contact_at && row.next_contact_at === customer.next_contact_at
      ? { next_contact_at: last?.next_contact_at ?? null }
      : {}),
  })
})

reducer('opportunity.create', async (tx, { id, values = {} }: { id: string; values?: Record<string, unknown> }) => {
  const there = await tx.get('opportunity', id)
  if (there && there.rev > 0) return
  await tx.put('opportunity', {
    state: 'open',
    created_at: tx.op.at,
    created_by: tx.op.employee,
    owner_id: tx.op.employee,
    ...values,
    id,
  })
})

reducer('opportunity.close', (tx, { id, outcome, reason }: { id: string; outcome: string; reason: string }) =>
  tx.patch('opportunity', id, { state: outcome, close_reason: reason, closed_at: tx.op.at }),
)

reducer('opportunity.reopen', (tx, { id }: { id: string }) =>
  tx.patch('opportunity', id, { state: 'open', close_reason: null, closed_at: null }),
)

reducer('opportunity.delete', async (tx, { id }: { id: string }) => {
  for (const row of await tx.where('contact_record', 'opportunity_id', id))
    await tx.patch('contact_record', row.id, { opportunity_id: null })
  await tx.remove('opportunity', id)
})
