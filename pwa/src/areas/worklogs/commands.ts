/** What the commands of work reports do to the rows on this phone before the server has answered. */
import { reducer, type ReducerTx } from '@/sync/reducers'
import { ownNames } from '../own'

interface Submit {
  id: string
  kind: string
  report_date: string
  summary: string
  next_plan?: string | null
  next_customers?: string[]
  report_to?: string[] | null
  category_id?: string | null
  asks?: boolean | null
  own?: Record<string, unknown>
}

reducer('report.submit', async (tx, { own, ...args }: Submit) => {
  const there = await tx.get('work_report', args.id)
  if (there && there.rev > 0) return
  await tx.put('work_report', {
    next_plan: null,
    next_customers: [],
    report_to: null,
    category_id: null,
    counts: null,
    comment_count: 0,
    ...args,
    asks: args.asks === true,
    ...ownNames(own),
    author_id: tx.op.employee,
    submitted_at: tx.op.at,
    created_at: tx.op.at,
    created_by: tx.op.employee,
  })
})

interface Mark {
  ids: string[]
}

/** Others' reports are read from the server; what is held here of them says that it was read. */
reducer('report.read', async (tx, { ids }: Mark) => {
  for (const id of ids)
    for (const mark of await tx.where('report_reader', 'report_id', id))
      if (mark.reader_id === tx.op.employee && !mark.read_at)
        await tx.patch('report_reader', mark.id, { read_at: tx.op.at })
})

async function recount(tx: ReducerTx, reportId: string): Promise<void> {
  const report = await tx.get('work_report', reportId)
  if (!report || tx.contains(report)) return
  const comments = await tx.where('report_comment', 'report_id', reportId)
  await tx.patch('work_report', reportId, { comment_count: comments.length })
}

reducer('report.comment', async (tx, { id, report_id, text }: { id: string; report_id: string; text: string }) => {
  const there = await tx.get('report_comment', id)
  if (there && there.rev > 0) return
  const report = await tx.get('work_report', report_id)
  await tx.put('report_comment', {
    id,
    report_id,
    author_id: report?.author_id ?? null,
    commenter_id: tx.op.employee,
    text,
    created_at: tx.op.at,
    created_by: tx.op.employee,
  })
  await recount(tx, report_id)
})

reducer('report_comment.delete', async (tx, { id }: { id: string }) => {
  const comment = await tx.get('report_comment', id)
  await tx.remove('report_comment', id)
  if (typeof comment?.report_id === 'string') await recount(tx, comment.report_id)
})
