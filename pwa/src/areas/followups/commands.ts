/** What the commands of contact records, call reports, leads, opportunities and complaints do to the rows on this phone before the server has answered. */
import { reducer, type ReducerTx } from '@/sync/reducers'
import type { Row } from '@/sync/types'
import { cardOf, differing, staged } from './leads'

const text = (value: unknown): string => (typeof value === 'string' ? value : '')

/** The latest record that somebody wrote, with the customer's other ones left as they are. */
async function latest(tx: ReducerTx, customerId: string): Promise<Row | undefined> {
  const rows = (await tx.where('contact_record', 'customer_id', customerId)).filter((row) => row.automatic !== true)
  return rows.sort((a, b) => (text(a.contacted_at) < text(b.contacted_at) ? 1 : -1))[0]
}

/** The latest of what was written and of the visits. */
async function lastContact(tx: ReducerTx, customer: Row): Promise<string | null> {
  const reports = await tx.where('call_report', 'customer_id', customer.id)
  const moments = [
    text((await latest(tx, customer.id))?.contacted_at),
    text(customer.last_visit_at),
    ...reports.map((row) => text(row.reported_at)),
  ]
  return moments.sort().at(-1) || null
}

/** Somebody spoke with the customer: what was said before the last contact turns nothing back. */
async function spoken(tx: ReducerTx, customerId: unknown, at: string, told: Record<string, unknown>): Promise<void> {
  const customer = await tx.get('customer', text(customerId))
  if (!customer || tx.contains(customer)) return
  if (at < text(customer.last_contact_at)) return
  const kept = text(customer.next_contact_at) !== '' && text(customer.next_contact_at) <= at
  await tx.patch('customer', customer.id, {
    last_contact_at: at,
    ...staged(customer, told.sales_stage_id),
    ...(told.next_contact_at ? { next_contact_at: told.next_contact_at } : kept ? { next_contact_at: null } : {}),
  })
}

/** What was changed in what was said, where nobody has spoken with the customer since. */
async function toldAnew(
  tx: ReducerTx,
  customerId: unknown,
  at: unknown,
  set: Record<string, [unknown, unknown]>,
): Promise<void> {
  const customer = await tx.get('customer', text(customerId))
  if (!customer || tx.contains(customer)) return
  if (text(at) < text(customer.last_contact_at)) return
  await tx.patch('customer', customer.id, {
    ...staged(customer, set.sales_stage_id?.[1]),
    ...('next_contact_at' in set ? { next_contact_at: set.next_contact_at?.[1] ?? null } : {}),
  })
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
    await spoken(tx, values.customer_id, text(values.contacted_at), values)
  },
)

reducer('contact_record.edit', async (tx, { id, set }: { id: string; set: Record<string, [unknown, unknown]> }) => {
  await tx.patch(
    'contact_record',
    id,
    Object.fromEntries(Object.entries(set).map(([field, [, mine]]) => [field, mine])),
  )
  const row = await tx.get('contact_record', id)
  if (row) await toldAnew(tx, row.customer_id, row.contacted_at, set)
})

reducer('contact_record.delete', async (tx, { id }: { id: string }) => {
  const row = await tx.get('contact_record', id)
  await tx.remove('contact_record', id)
  const customer = row && (await tx.get('customer', text(row.customer_id)))
  if (!row || !customer || tx.contains(customer)) return
  const last = await latest(tx, customer.id)
  await tx.patch('customer', customer.id, {
    last_contact_at: await lastContact(tx, customer),
    ...(row.next_contact_at && row.next_contact_at === customer.next_contact_at
      ? { next_contact_at: last?.next_contact_at ?? null }
      : {}),
  })
})

reducer('call_report.create', async (tx, { id, values = {} }: { id: string; values?: Record<string, unknown> }) => {
  const there = await tx.get('call_report', id)
  if (there && there.rev > 0) return
  const copied = values.copied_from_id ? await tx.get('call_report', text(values.copied_from_id)) : undefined
  // What was not sent is as it was there.
  const whole = { ...(copied ? cardOf(copied) : {}), ...values }
  await tx.put('call_report', {
    created_at: tx.op.at,
    created_by: tx.op.employee,
    author_id: tx.op.employee,
    ...whole,
    differing: copied ? differing(copied, whole) : null,
    id,
  })
  await spoken(tx, values.customer_id, text(values.reported_at), values)
})

/** A report and those copied from it: what differs is looked at again. */
async function compareAgain(tx: ReducerTx, report: Row): Promise<void> {
  const before = report.copied_from_id ? await tx.get('call_report', text(report.copied_from_id)) : undefined
  if (before) await tx.patch('call_report', report.id, { differing: differing(before, report) })
  for (const later of await tx.where('call_report', 'customer_id', text(report.customer_id)))
    if (later.copied_from_id === report.id)
      await tx.patch('call_report', later.id, { differing: differing(report, later) })
}

reducer('call_report.edit', async (tx, { id, set }: { id: string; set: Record<string, [unknown, unknown]> }) => {
  await tx.patch('call_report', id, Object.fromEntries(Object.entries(set).map(([field, [, mine]]) => [field, mine])))
  const row = await tx.get('call_report', id)
  if (!row) return
  if (!tx.contains(row)) await compareAgain(tx, row)
  await toldAnew(tx, row.customer_id, row.reported_at, set)
})

reducer('call_report.delete', async (tx, { id }: { id: string }) => {
  const row = await tx.get('call_report', id)
  await tx.remove('call_report', id)
  if (!row) return
  for (const later of await tx.where('call_report', 'customer_id', text(row.customer_id)))
    if (later.copied_from_id === id)
      await tx.patch('call_report', later.id, { copied_from_id: null, differing: null })
  const customer = await tx.get('customer', text(row.customer_id))
  if (!customer || tx.contains(customer)) return
  await tx.patch('customer', customer.id, {
    last_contact_at: await lastContact(tx, customer),
    ...(row.next_contact_at && row.next_contact_at === customer.next_contact_at ? { next_contact_at: null } : {}),
  })
})

/** A step of a lead, as far as this phone knows that it leads on from where the customer is. */
async function moved(tx: ReducerTx, id: string, from: string, to: string, more: object = {}): Promise<void> {
  const customer = await tx.get('customer', id)
  if (customer?.lead_stage === from && !tx.contains(customer))
    await tx.patch('customer', id, { ...more, lead_stage: to })
}
interface Step {
  customer_id: string
  sales_stage_id?: string | null
}
reducer('lead.accept', (tx, { customer_id }: Step) => moved(tx, customer_id, 'cold', 'potential'))
reducer('lead.follow', (tx, { customer_id, sales_stage_id }: Step) =>
  moved(tx, customer_id, 'potential', 'following', sales_stage_id ? { sales_stage_id } : {}),
)
reducer('lead.convert', (tx, { customer_id }: Step) => moved(tx, customer_id, 'following', 'existing'))
reducer('lead.return', (tx, { customer_id }: Step) => moved(tx, customer_id, 'existing', 'potential'))

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

reducer('trial_account.create', async (tx, { id, values = {} }: { id: string; values?: Record<string, unknown> }) => {
  const there = await tx.get('trial_account', id)
  if (there && there.rev > 0) return
  await tx.put('trial_account', {
    state: 'pending',
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

const waiting = (row: Row): boolean => row.state === 'open' || row.state === 'working'

/** Until when it is to be answered is the company's to say. */
reducer('complaint.create', async (tx, { id, values = {} }: { id: string; values?: Record<string, unknown> }) => {
  const there = await tx.get('complaint', id)
  if (there && there.rev > 0) return
  const customer = await tx.get('customer', text(values.customer_id))
  await tx.put('complaint', {
    state: 'open',
    late: false,
    reopened: 0,
    reported_at: tx.op.at,
    created_at: tx.op.at,
    created_by: tx.op.employee,
    author_id: tx.op.employee,
    ...values,
    handler_id: values.handler_id || customer?.owner_id || tx.op.employee,
    id,
  })
})

/** What is done with a complaint that is there. */
async function done(tx: ReducerTx, id: string, change: (row: Row) => Record<string, unknown>): Promise<void> {
  const row = await tx.get('complaint', id)
  if (row && !tx.contains(row)) await tx.patch('complaint', id, change(row))
}

reducer('complaint.assign', (tx, { id, handler_id }: { id: string; handler_id: string }) =>
  done(tx, id, (row) => ({ handler_id, state: row.state === 'working' ? 'open' : row.state })),
)

reducer('complaint.take_up', (tx, { id }: { id: string }) =>
  done(tx, id, (row) => (row.state === 'open' ? { state: 'working' } : {})),
)

reducer('complaint.answer', (tx, { id, answer }: { id: string; answer: string }) =>
  done(tx, id, (row) => ({
    answer: row.answer && row.answer !== answer ? `${text(row.answer)}\n${answer}` : answer,
    ...(waiting(row) ? { state: 'answered', answered_at: tx.op.at, answered_by: tx.op.employee } : {}),
  })),
)

interface Closing {
  id: string
  satisfaction?: string | null
  note?: string | null
}
reducer('complaint.close', (tx, { id, satisfaction = null, note = null }: Closing) =>
  done(tx, id, (row) =>
    row.state === 'answered' ? { state: 'closed', satisfaction, close_note: note, closed_at: tx.op.at } : {},
  ),
)

reducer('complaint.reopen', (tx, { id, reason }: { id: string; reason: string }) =>
  done(tx, id, (row) =>
    waiting(row)
      ? {}
      : {
          state: 'open',
          late: false,
          due_at: null,
          reopened: Number(row.reopened ?? 0) + 1,
          reopen_reason: reason,
          satisfaction: null,
          close_note: null,
          closed_at: null,
        },
  ),
)
