/** Finds and names records for forms: first what this device holds, then the server. */
import { request } from '@/api/client'
import { recordPath } from '@/api/records'
import type { Engine } from '@/sync/engine'
import type { Row } from '@/sync/types'
import { recordLabel, recordNamed, titleWord } from '@/ui/declarations'
import { i18n } from './i18n'
import type { RefChoice, RefSource } from '@/ui/refs'

/** Who acts where nobody does: set-up and scheduled work. No employee has this id. */
const SYSTEM = '00000000-0000-7000-8000-000000000000'

export function refsOf(engine: Engine, record: string): RefSource {
  const declared = recordNamed(record)
  const choice = (row: Row | Record<string, unknown>): RefChoice => ({
    id: String(row.id),
    label: titleWord(record, row[declared.title_field]) || recordLabel(record),
    hint: declared.number_field && row[declared.number_field] ? String(row[declared.number_field]) : undefined,
  })
  const searched = [...new Set([declared.title_field, ...declared.search])]
  const matches = (row: Row, words: string[]) =>
    words.every((word) =>
      searched.some((field) =>
        String(row[field] ?? '')
          .toLowerCase()
          .includes(word),
      ),
    )
  /** What belongs to the company is on every device; of the rest a device holds only what is its own. */
  const heldWhole = declared.root === 'company'

  return {
    async find(typed, { list, limit }) {
      const words = typed.toLowerCase().split(/\s+/).filter(Boolean)
      const here = await engine.rows(record).catch(() => [])
      const found = here
        .filter((row) => (list === null || row.list_name === list) && row.enabled !== false && matches(row, words))
        .sort((a, b) => Number(a.sort ?? 0) - Number(b.sort ?? 0))
        .slice(0, limit)
        .map(choice)
      if ((heldWhole && here.length > 0) || !navigator.onLine) return found
      const query = { q: typed, limit, ...(list === null ? {} : { list_name: list }) }
      const page = await request<{ items: Record<string, unknown>[] }>(recordPath(record), { query }).catch(
        (error: unknown) => {
          if (found.length === 0) throw error
          return { items: [] }
        },
      )
      const known = new Set(found.map((one) => one.id))
      return [...found, ...page.items.map(choice).filter((one) => !known.has(one.id))].slice(0, limit)
    },
    async name(id) {
      if (id === SYSTEM) return i18n.global.t('app.system')
      const row = await engine.get(record, id).catch(() => undefined)
      if (row) return choice(row).label
      if (!navigator.onLine) return null
      const answer = await request<Record<string, unknown>>(`${recordPath(record)}/${id}`).catch(() => null)
      return answer ? choice(answer).label : null
    },
  }
}
