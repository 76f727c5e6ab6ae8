/** An import as the server tells it: the job, and its rows as they were written and as they will be. */
import { request } from '@/api/client'

export type SheetKey = 'customer' | 'contact'
export type Only = '' | 'errors' | 'warnings' | 'ok'

export interface Job {
  id: string
  file_name: string
  /** `interrupted`: nobody is working on it any more; committing again goes on where it stopped. */
  state: 'reading' | 'preview' | 'importing' | 'done' | 'failed' | 'interrupted'
  code: string | null
  text: string
  /** Of each sheet: field → the header as the file writes it. */
  headers: Partial<Record<SheetKey, Record<string, string>>>
  total: number
  done: number
  /** Of each sheet: rows by state. */
  counts: Partial<Record<SheetKey, Partial<Record<RowState, number>>>>
}
export type RowState = 'ok' | 'warning' | 'error' | 'imported' | 'refused'

export interface Problem {
  level: 'error' | 'warning' | 'change'
  field: string | null
  column: string
  value: string
  text: string
  remedy: string
}
export interface ImportRow {
  seq: number
  sheet: SheetKey
  row: number
  state: RowState
  title: string
  cells: Record<string, string>
  values: Record<string, unknown>
  id: string | null
  errors: Problem[]
  warnings: Problem[]
  changes: Problem[]
}

const path = (id: string) => `/api/imports/${encodeURIComponent(id)}`

export const uploadWorkbook = (file: File): Promise<Job> =>
  request('/api/imports/customers', {
    method: 'POST',
    query: { name: file.name },
    body: file,
    headers: { 'Content-Type': 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet' },
    timeout: 120_000,
  })
export const readJob = (id: string): Promise<Job> => request(path(id))
export const commitJob = (id: string): Promise<Job> => request(`${path(id)}/commit`, { method: 'POST' })
export const readRows = (
  id: string,
  query: { only: Only; sheet: SheetKey; after: number; limit: number },
): Promise<{ items: ImportRow[]; next: number | null }> => request(`${path(id)}/rows`, { query })

/** Rows of all sheets in one of these states. */
export const countOf = (job: Job, states: RowState[], sheet?: SheetKey): number =>
  Object.entries(job.counts)
    .filter(([key]) => !sheet || key === sheet)
    .reduce((sum, [, counts]) => sum + states.reduce((part, state) => part + (counts?.[state] ?? 0), 0), 0)

export const problemsOf = (row: ImportRow): Problem[] => [...row.errors, ...row.warnings, ...row.changes]
