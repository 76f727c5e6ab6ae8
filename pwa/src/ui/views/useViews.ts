/** The saved views of one kind of record that this person uses, and which one the list starts with: rows of this device,
 * written through the outbox, so that they work and are changed without network as well. */
import { computed } from 'vue'
import { submit, useEngine, useRows } from '@/sync/vue'
import type { Row } from '@/sync/types'
import type { FieldDeclaration } from '../declarations'
import { baseOf, tableIdOf } from '../tables'
import type { Filters } from './asked'

interface ViewContent {
  record_type: string
  name: string
  audience: 'private' | 'everybody' | 'role' | 'department'
  role_id: string | null
  department_id: string | null
  base: string | null
  q: string | null
  filters: Filters
  sort: string | null
  columns: string[] | null
}

export interface SavedView extends Row, ViewContent {
  owner_id: string
  deleted_at: string | null
}

/** A view as it is to be saved; without an id it is a new one. */
export interface ViewDraft extends ViewContent {
  id?: string
}

export function useViews(record: string) {
  const engine = useEngine()
  const base = baseOf(record)
  /** A view of a table of the company's own asks for its rows; on screen that goes without saying. */
  const table = tableIdOf(record)
  const stored = useRows<SavedView>('saved_view', {
    filter: (view) =>
      view.record_type === base && !view.deleted_at && (table === null || view.filters.table_id === table),
    sort: (a, b) => a.name.localeCompare(b.name) || (a.id < b.id ? -1 : 1),
  })
  const rows = computed(() =>
    table === null
      ? stored.value
      : stored.value?.map((view) => ({ ...view, filters: without(view.filters, 'table_id') })),
  )
  const choices = useRows('view_choice', {
    filter: (choice) => table === null && choice.record_type === record,
  })
  const start = computed(() => {
    const mine = choices.value?.find((choice) => choice.employee_id === engine.me?.id)
    return (mine?.view as string | null | undefined) ?? null
  })
  return {
    /** undefined while they are being read. */
    views: rows,
    ready: computed(() => rows.value !== undefined && choices.value !== undefined),
    start,
    /** Whether a list can start with one. */
    startable: table === null,
    isMine: (view: SavedView) => view.owner_id === engine.me?.id,
    named: (id: unknown) => rows.value?.find((view) => view.id === id),
    async save({ id, ...view }: ViewDraft): Promise<string> {
      const made = id ?? engine.newId()
      const filters = table === null ? view.filters : { ...view.filters, table_id: table }
      await submit('saved_view.save', { ...wire({ ...view, record_type: base, filters }), id: made })
      return made
    },
    remove: (id: string) => submit('saved_view.delete', { id }),
    restore: (id: string) => submit('saved_view.restore', { id }),
    startWith: (view: string | null) => submit('view_choice.set', { id: engine.newId(), record_type: record, view }),
  }
}

const without = (filters: Filters, name: string): Filters =>
  Object.fromEntries(Object.entries(filters).filter(([key]) => key !== name))

/** The arguments of the command, and nothing else that a row may have. */
const wire = (view: ViewContent): Record<string, unknown> => ({
  record_type: view.record_type,
  name: view.name.trim(),
  audience: view.audience,
  role_id: view.audience === 'role' ? view.role_id : null,
  department_id: view.audience === 'department' ? view.department_id : null,
  base: view.base,
  q: view.q || null,
  filters: { ...view.filters },
  sort: view.sort || null,
  columns: view.columns ? [...view.columns] : null,
})

/** The fields that a view asks for and that are no more, or not for this person. */
export function missingFields(
  view: Pick<ViewContent, 'filters' | 'sort' | 'columns'>,
  fields: readonly FieldDeclaration[],
): string[] {
  const names = new Set(fields.map((field) => field.name))
  const wanted = [
    ...Object.keys(view.filters).map((key) => key.split('__')[0] ?? ''),
    ...(view.columns ?? []),
    ...(view.sort ? [view.sort.replace(/^-/, '')] : []),
  ]
  return [...new Set(wanted.filter((name) => !names.has(name) && name !== 'id'))]
}
