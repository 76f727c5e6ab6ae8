import { expect, it } from 'vitest'
import type { Answer } from '../reports/report'
import { stagesOf } from './funnel'

const line = (key: string | null, label: string) => ({
  key,
  label,
  filter: key ? { sales_stage_id: key } : { sales_stage_id__empty: '1' },
  within: {},
})
const report = {
  params: { merged_into__empty: '1', enabled: 'true' },
  measures: [{ name: 'count', label: '', kind: 'count', filter: {}, concealed: false }],
  columns: [{ key: null, label: '', filter: {}, within: {} }],
  rows: [line('c', '成交'), line(null, '–'), line('a', '意向'), line('old', '旧阶段')],
  cells: [[[2, 0.2]], [[1, 0.1]], [[4, 0.4]], [[3, 0.3]]],
} as unknown as Answer

it('stages stand in the order of the company, one that is no more and none last, each with its list', () => {
  const found = stagesOf(report, ['a', 'b', 'c'])
  expect(found.map(({ label, n }) => [label, n])).toEqual([
    ['意向', 4],
    ['成交', 2],
    ['旧阶段', 3],
    ['–', 1],
  ])
  expect(found[0]).toMatchObject({
    part: 1,
    params: { merged_into__empty: '1', enabled: 'true', sales_stage_id: 'a' },
  })
  expect(found[3]!.params).toMatchObject({ sales_stage_id__empty: '1' })
})
