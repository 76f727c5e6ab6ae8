/** The company's own fields: what an administrator does with them, and values that people put into them. */
import { editOf } from '@/areas/edits'
import type { Row } from '@/sync/types'
import { about, creates, some, word, type Draft, type Draw, type Drawing } from './draw'

const RECORDS = ['customer', 'contact', 'visit', 'call_report', 'work_report'] as const
const inUse = (field: Row): boolean => field.state === 'active'

/** A value as the field wants it; null empties it. */
function valueFor(drawing: Drawing, field: Row): unknown {
  const { dice } = drawing
  if (dice.chance(0.1)) return null
  if (field.kind === 'number') return dice.whole(0, 99)
  if (field.kind === 'money') return `${dice.whole(0, 99)}.50`
  if (field.kind !== 'choices') return word(drawing.dice)
  return ['c1', 'c2', 'c3'].filter(() => dice.chance(0.5))
}

/** Changes an own field of a row that is in view, also one that was deleted since this phone has seen it. */
export async function editsOwn(drawing: Drawing): Promise<Draft | null> {
  const field = await some(drawing, 'own_field', (one) => inUse(one) && RECORDS.includes(one.record_type as never))
  if (!field) return null
  const type = String(field.record_type)
  const row = await some(drawing, type)
  if (!row) return null
  const set = editOf(row, { [`own.${String(field.key)}`]: valueFor(drawing, field) })
  return Object.keys(set).length === 0 ? null : { command: `${type}.edit`, args: { id: row.id, set }, after: [row] }
}

export const ordersFields: Draw = async ({ actor, dice }) => {
  const type = dice.one(RECORDS)
  const rows = (await actor.inView('own_field')).filter((row) => row.record_type === type)
  const ids = rows.map(({ id }) => id).sort(() => dice.whole(0, 1) - 0.5)
  return ids.length === 0 ? null : { command: 'own_field.order', args: { ids } }
}

export const createsField: Draw = creates('own_field', ({ dice }) => {
  const kind = dice.one(['text', 'number', 'money', 'choices'])
  const choices = kind === 'choices' ? { choices: [{ name: '甲' }, { name: '乙' }, { name: '丙' }] } : {}
  return { record_type: dice.one(RECORDS), name: `余${word(dice)}`, kind, ...choices }
})

/** Another name, or other rights. */
export const editsField: Draw = async (drawing) => {
  const row = await some(drawing, 'own_field', inUse)
  if (!row) return null
  const set = drawing.dice.chance(0.5)
    ? { name: [row.name, `余${word(drawing.dice)}`] }
    : { others: [row.others, drawing.dice.one(['edit', 'read', 'hidden'])] }
  return { command: 'own_field.edit', args: { id: row.id, set }, after: [row] }
}

export const deletesField: Draw = about('own_field.delete', 'own_field', inUse)
export const restoresField: Draw = about('own_field.restore', 'own_field', (field) => field.state === 'deleted')
