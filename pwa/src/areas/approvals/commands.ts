/** What the commands of approvals do to the rows on this phone before the server has answered. */
import { comma } from '@/ui/comma'
import { reducer, type ReducerTx } from '@/sync/reducers'
import type { Row } from '@/sync/types'

interface Words {
  id: string
  opinion?: string | null
}

/** The line on which this person is asked; what was decided meanwhile is for the company to tell. */
async function turn(tx: ReducerTx, id: string): Promise<Row | undefined> {
  const me = tx.op.employee
  const lines = await tx.where('approval_step', 'approval_id', id)
  return lines.find((line) => line.state === 'waiting' && (line.approver_id === me || line.for_id === me))
}

const decisions = {
  'approval.agree': 'agreed',
  'approval.refuse': 'refused',
  'approval.send_back': 'returned',
  'approval.delegate': 'passed_on',
} as const
for (const [command, state] of Object.entries(decisions)) {
  reducer(command, async (tx, { id, opinion }: Words) => {
    const line = await turn(tx, id)
    if (!line || tx.contains(line)) return
    await tx.patch('approval_step', line.id, {
      state,
      opinion: opinion ?? null,
      decided_by: tx.op.employee,
      decided_at: tx.op.at,
    })
  })
}

/** Whether it ends, and how, is the company's to say; that it is taken back is one's own. */
reducer('approval.withdraw', async (tx, { id }: Words) => {
  const paper = await tx.get('approval', id)
  if (!paper || tx.contains(paper)) return
  await tx.patch('approval', id, { state: 'withdrawn', finished_at: tx.op.at })
})

reducer('approval.resubmit', async (tx, { id }: Words) => {
  const paper = await tx.get('approval', id)
  if (!paper || tx.contains(paper)) return
  await tx.patch('approval', id, { state: 'running', outcome: null, outcome_detail: null })
})

reducer('approval.retry', () => {})

/** A document as it stands here until the company has it: who decides is not known yet. */
export async function handIn(tx: ReducerTx, id: string, paper: Record<string, unknown>): Promise<void> {
  const there = await tx.get('approval', id)
  if (there && there.rev > 0) return
  await tx.put('approval', {
    id,
    state: 'running',
    requester_id: tx.op.employee,
    record_type: 'customer',
    facts: {},
    plan: { steps: [] },
    step: 0,
    round: 1,
    flow_version: 0,
    created_at: tx.op.at,
    created_by: tx.op.employee,
    ...paper,
  })
}

interface RequestChange {
  id: string
  customer_id: string
  set: Record<string, [unknown, unknown]>
  reason?: string | null
}

/** What is asked for beside the fields of the file: colleagues it is shared with, and agreed prices. */
async function besideLine(tx: ReducerTx, name: string, before: unknown, after: unknown) {
  if (name === 'shared_with') return { record: 'customer_share', field: 'employee_id', before, after }
  const [field, id] = name.split(':')
  const product = await tx.get('product', id!)
  const [record, price] = field!.split('.')
  return { record, field: price, before, after, id, name: String(product?.name ?? '') }
}

reducer('customer.request_change', async (tx, { id, customer_id, set, reason }: RequestChange) => {
  const customer = await tx.get('customer', customer_id)
  await handIn(tx, id, {
    kind: 'customer.change',
    title: String(customer?.name ?? ''),
    customer_id,
    record_id: customer_id,
    reason: reason ?? null,
    summary: await Promise.all(
      Object.entries(set).map(([field, [before, after]]) =>
        field === 'shared_with' || field.includes(':')
          ? besideLine(tx, field, before, after)
          : { record: 'customer', field, before, after },
      ),
    ),
    command: 'customer.change',
    args: { id: customer_id, set },
  })
})

interface Transfer {
  id: string
  ids: string[]
  to: string
  reason: string
}

reducer('customer.transfer', async (tx, { id, ids, to, reason }: Transfer) => {
  const customers = (await Promise.all(ids.map((one) => tx.get('customer', one)))).filter((row) => row !== undefined)
  const employee = await tx.get('employee', to)
  await handIn(tx, id, {
    kind: 'customer.transfer',
    title: `${customers.map((row) => String(row.name)).join(comma())} → ${String(employee?.real_name ?? '')}`.slice(
      0,
      200,
    ),
    customer_id: ids.length === 1 ? ids[0] : null,
    record_id: ids[0],
    reason,
    summary: customers.map((row) => ({
      record: 'customer',
      field: 'owner_id',
      id: row.id,
      name: row.name,
      before: row.owner_id,
      after: to,
    })),
    command: 'customer.hand_over',
    args: {},
  })
})

/** Whose it is then is the company's to say: another may be quicker. */
reducer('customer.claim', () => {})

reducer('approval_absence.create', async (tx, { id, values }: { id: string; values: Record<string, unknown> }) => {
  const there = await tx.get('approval_absence', id)
  if (there && there.rev > 0) return
  await tx.put('approval_absence', {
    ...values,
    id,
    employee_id: tx.op.employee,
    created_at: tx.op.at,
    created_by: tx.op.employee,
  })
})
