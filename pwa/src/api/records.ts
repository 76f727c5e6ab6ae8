/** The generic reads of every record: list, summary, detail, history, export. */
import { recordNamed, recordPlural } from '@/ui/declarations'
import { request, type RequestOptions } from './client'

export type RecordRow = { id: string; rev: number } & Record<string, unknown>

export interface RecordPage {
  items: RecordRow[]
  /** Keyset cursor of the next page, null on the last. */
  next: string | null
  /** Titles of what the rows refer to: record → id → title. */
  refs: Record<string, Record<string, string>>
}

export interface Summary {
  count: { value: number; capped: boolean }
  /** Sums of the whole query, money as decimal text. */
  totals: Record<string, string>
}

export type ListQuery = Record<string, string | number | null | undefined>

/** `order_line` → `/api/order-lines`, as the server names it. */
export const recordPath = (record: string): string => `/api/${recordNamed(record).path}`

/** With what every list of it asks for. */
const whole = (record: string, query: ListQuery): ListQuery => ({ ...recordNamed(record).where, ...query })

type Options = Pick<RequestOptions, 'signal' | 'timeout'>

export const listRecords = (record: string, query: ListQuery, options: Options = {}): Promise<RecordPage> =>
  request(recordPath(record), { query: whole(record, query), ...options })

/** The ids of a list in its order, `most` at most. */
export async function idsOf(
  record: string,
  query: ListQuery,
  most: number,
  options: Options = {},
): Promise<string[]> {
  const found: string[] = []
  let after: string | null = null
  do {
    const page: RecordPage = await listRecords(record, { ...query, limit: 200, after }, options)
    found.push(...page.items.map(({ id }) => id))
    after = page.next
  } while (after !== null && found.length < most)
  return found.slice(0, most)
}

export const summarise = (record: string, query: ListQuery, options: Options = {}): Promise<Summary> =>
  request(`${recordPath(record)}/summary`, { query: whole(record, query), ...options })

export const getRecord = (record: string, id: string, options: Options = {}): Promise<RecordRow> =>
  request(`${recordPath(record)}/${encodeURIComponent(id)}`, options)

/** A list as a workbook, for `startExport`. */
export const workbookOf = (record: string, query: ListQuery) => ({
  kind: 'list' as const,
  of: recordNamed(record).path,
  title: recordPlural(record),
  query: textsOf(whole(record, query)),
})

/** Without what is not asked for. */
export const textsOf = (query: ListQuery): Record<string, string> =>
  Object.fromEntries(
    Object.entries(query).flatMap(([name, value]) => (value == null || value === '' ? [] : [[name, String(value)]])),
  )
