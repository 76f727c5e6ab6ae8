/** Tables of the company's own: made, changed, taken away and brought back, and rows that people write into them. */
import { about, creates, editing, some, word, type Draw } from './draw'
import type { Row } from '@/sync/types'

const inUse = (table: Row): boolean => table.state === 'active'

export const createsTable: Draw = creates('own_table', ({ dice }) => ({
  name: `表${word(dice)}`,
  place: dice.one(['customer', 'customer', 'person', 'company']),
}))

/** Another name, or other rights for everybody. */
export const editsTable: Draw = async (drawing) => {
  const { dice } = drawing
  const table = await some(drawing, 'own_table', inUse)
  if (!table) return null
  const set = dice.chance(0.5)
    ? { name: [table.name, `表${word(dice)}`] }
    : { rights: [table.rights, { others: dice.one([['view'], [], ['view', 'create', 'edit', 'delete', 'export']]) }] }
  return { command: 'own_table.edit', args: { id: table.id, set }, after: [table] }
}
export const deletesTable: Draw = about('own_table.delete', 'own_table', inUse)
export const restoresTable: Draw = about('own_table.restore', 'own_table', (table) => table.state === 'deleted')

/** Into a table that is in view, also one that was deleted since this phone has seen it. */
export const createsRow: Draw = async (drawing) => {
  const { actor, dice } = drawing
  const table = await some(drawing, 'own_table', inUse)
  const customer = table?.place === 'customer' ? await some(drawing, 'customer') : undefined
  if (!table || (table.place === 'customer' && !customer)) return null
  const values = { table_id: table.id, title: word(dice), ...(customer ? { customer_id: customer.id } : {}) }
  return { command: 'own_row.create', args: { id: actor.engine.newId(), values }, after: [table, customer] }
}
export const editsRow: Draw = async (drawing) => {
  const row = await some(drawing, 'own_row', (one) => !one.deleted_at)
  return row ? editing(drawing, 'own_row', row, ['title']) : null
}
export const deletesRow: Draw = about('own_row.delete', 'own_row', (row) => !row.deleted_at)
export const restoresRow: Draw = about('own_row.restore', 'own_row', (row) => Boolean(row.deleted_at))
