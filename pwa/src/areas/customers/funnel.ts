/** How many customers stand at each stage, as the company counts them. */
import { listOf, type Answer, type Filter } from '../reports/report'

export interface Stage {
  key: string
  label: string
  n: number
  /** Of the fullest stage, 0 to 1: how long the bar is. */
  part: number
  /** The list behind the number. */
  params: Filter
}

/** In the company's order of stages; customers of none stand last. */
export function stagesOf(report: Answer, order: readonly string[]): Stage[] {
  const place = (key: string | null) => {
    const at = key === null ? -1 : order.indexOf(key)
    return at < 0 ? order.length + (key === null ? 1 : 0) : at
  }
  const filters = [report.columns[0]?.filter, report.measures[0]?.filter].filter((one) => one !== undefined)
  const found = report.rows.map((row, at) => ({
    key: row.key,
    label: row.label,
    n: Number(report.cells[at]?.[0]?.[0] ?? 0),
    params: listOf(report, row.filter, ...filters),
  }))
  const most = Math.max(1, ...found.map(({ n }) => n))
  return found
    .sort((a, b) => place(a.key) - place(b.key))
    .map(({ key, ...stage }) => ({ ...stage, key: key ?? '-', part: stage.n / most }))
}
