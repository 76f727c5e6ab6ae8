/** What the commands of targets do to the rows on this phone before the server has answered. */
import { reducer } from '@/sync/reducers'
import { handIn } from '../approvals/commands'
import { GOALS } from './goals'
import { periodName } from './periods'

interface Create {
  id: string
  values: Record<string, unknown>
}

reducer('target.create', async (tx, { id, values }: Create) => {
  const there = await tx.get('target', id)
  if (there && there.rev > 0) return
  const period = { start: String(values.start_date), end: String(values.end_date) }
  await tx.put('target', {
    ...Object.fromEntries(GOALS.map((name) => [name, null])),
    note: null,
    ...values,
    id,
    period: periodName(String(values.kind), period),
    state: 'draft',
    approved_at: null,
    created_at: tx.op.at,
    created_by: tx.op.employee,
  })
})

interface Submit {
  id: string
  target_id: string
  goals?: Record<string, unknown> | null
  reason?: string | null
}

/** Who decides, and whether anybody has to, is the company's to say. What is in force stays so until then. */
reducer('target.submit', async (tx, { id, target_id, goals, reason }: Submit) => {
  const target = await tx.get('target', target_id)
  if (!target || tx.contains(target)) return
  const inForce = target.approved_at != null
  const lines = GOALS.map((field) => ({ field, before: target[field], after: goals?.[field] ?? target[field] }))
  await handIn(tx, id, {
    kind: 'target.fix',
    title: String(target.period),
    customer_id: null,
    record_type: 'target',
    record_id: target_id,
    amount: lines.find(({ field }) => field === 'deal_amount')?.after ?? null,
    reason: reason ?? null,
    summary: [
      { record: 'target', field: 'person_id', after: target.person_id },
      { record: 'target', field: 'period', after: target.period },
      ...lines
        .filter(({ after }) => after != null)
        .map(({ field, before, after }) =>
          inForce && before !== after
            ? { record: 'target', field, before, after }
            : { record: 'target', field, after },
        ),
    ],
    command: 'target.approve',
    args: {},
  })
  if (!inForce) await tx.patch('target', target_id, { state: 'asked' })
})
