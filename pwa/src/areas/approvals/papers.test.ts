import { describe, expect, it } from 'vitest'
import { boxes, subjectPath, turnOf, type Paper, type PaperLine } from './papers'

const paper = (id: string, more: Partial<Paper> = {}) =>
  ({ id, state: 'running', requester_id: 'zhang', created_at: `2026-11-0${id}T08:00:00Z`, ...more }) as Paper
const line = (approval_id: string, approver_id: string, more: Partial<PaperLine> = {}) =>
  ({
    id: `${approval_id}/${approver_id}`,
    approval_id,
    approver_id,
    for_id: null,
    state: 'waiting',
    ...more,
  }) as PaperLine
const ids = (papers: Paper[]) => papers.map((one) => one.id)

describe('the boxes of a person', () => {
  it('has what waits oldest first, and the rest newest first', () => {
    const papers = [paper('3'), paper('1'), paper('2', { requester_id: 'li' }), paper('4', { requester_id: 'li' })]
    const lines = [
      line('3', 'li'),
      line('1', 'li'),
      line('2', 'li', { state: 'submitted' }),
      line('4', 'li', { state: 'submitted' }),
    ]
    const found = boxes(papers, lines, 'li')
    expect(ids(found.waiting)).toEqual(['1', '3'])
    expect(ids(found.mine)).toEqual(['4', '2'])
    expect(found.done).toEqual([])
  })

  it('has what was sent back to who asked in a box of its own, beside the rest of the own ones', () => {
    const papers = [
      paper('1', { requester_id: 'li', state: 'returned' }),
      paper('2', { requester_id: 'li' }),
      paper('3', { state: 'returned' }),
    ]
    const found = boxes(papers, [line('3', 'li', { state: 'returned' })], 'li')
    expect(ids(found.returned)).toEqual(['1'])
    expect(ids(found.mine)).toEqual(['2', '1'])
  })

  it('moves what was decided, here or by others, to what is done', () => {
    const found = boxes(
      [paper('1'), paper('2')],
      [line('1', 'li', { state: 'agreed' }), line('2', 'li', { state: 'not_needed' })],
      'li',
    )
    expect(ids(found.waiting)).toEqual([])
    expect(ids(found.done)).toEqual(['2', '1'])
  })

  it('asks who stands in and the absent one, and nobody any more once it is over', () => {
    const lines = [line('1', 'chen', { for_id: 'li' })]
    for (const me of ['chen', 'li']) expect(ids(boxes([paper('1')], lines, me).waiting)).toEqual(['1'])
    expect(boxes([paper('1')], lines, 'wang').waiting).toEqual([])
    expect(turnOf(paper('1', { state: 'withdrawn' }), lines, 'li')).toBeUndefined()
  })
})

describe('what a document is about', () => {
  it("is opened on this device where it is one's own report or visit, else with the company", () => {
    const report = paper('1', { record_type: 'work_report', record_id: 'r' })
    const visit = paper('1', { record_type: 'visit', record_id: 'v', customer_id: 'c' })
    expect([report, visit].map((one) => subjectPath(one, 'zhang'))).toEqual(['/worklogs/r', '/visits/v'])
    expect([report, visit].map((one) => subjectPath(one, 'li'))).toEqual(['/review/reports?id=r', '/desk/visits/v'])
  })
})
