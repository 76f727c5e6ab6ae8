/** Rows of a table of the company's own on this device. */
import { computed } from 'vue'
import { useRows } from '@/sync/vue'
import type { Row } from '@/sync/types'
import { tables } from '@/ui/tables'

export type OwnRow = Row & { table_id: string; title: string; customer_id: string | null; deleted_at: string | null }

/** How long what belonged to a deleted field or table is kept (server/records/own.py). */
export const KEPT_DAYS = 30

/** Whether this person's company has any table for him. */
export const hasTables = computed(() => tables.value.length > 0)

const byTitle = (a: OwnRow, b: OwnRow) => a.title.localeCompare(b.title, 'zh')

/** All of a table, deleted ones as well, or those of one customer. */
export const useTableRows = (table: () => string) =>
  useRows<OwnRow>('own_row', { index: 'table_id', value: table, sort: byTitle })
export const useCustomerRows = (customer: () => string) =>
  useRows<OwnRow>('own_row', { index: 'customer_id', value: customer, sort: byTitle })
