/** Documents of customers: small files, some of which are not what their name says. */
import { sha256Hex } from '@/camera/capture'
import type { Row } from '@/sync/types'
import { about, edits, some, word, type Draw, type Draft } from './draw'
import type { Work } from './work'

const adds: Draw = async (drawing): Promise<Draft | null> => {
  const { actor, dice } = drawing
  const customer = await some(drawing, 'customer')
  if (!customer) return null
  const id = actor.engine.newId()
  // Sometimes the same bytes as another's, sometimes none of the kind that the name says.
  const text = dice.chance(0.2) ? '同一份合同' : `${word(dice)} ${id}`
  const bytes = new TextEncoder().encode(dice.chance(0.15) ? `<html>${text}</html>` : text)
  const sha256 = await sha256Hex(bytes)
  const name = `${word(dice)}.${dice.one(['txt', 'txt', 'txt', 'docx'])}`
  const customer_id = customer.id
  return {
    command: 'attachment.add',
    args: { id, customer_id, name, sha256, size: bytes.byteLength, note: word(dice) },
    photos: [{ photo_id: id, sha256, bytes: bytes.buffer, file: { name, customer_id } }],
    after: [customer],
  }
}

const renames: Draw = async (drawing) => {
  const row = await some(drawing, 'attachment')
  if (!row) return null
  const name = `${word(drawing.dice)}.${drawing.dice.one(['txt', 'txt', 'xlsx'])}`
  return { command: 'attachment.edit', args: { id: row.id, set: { name: [row.name, name] } }, after: [row] }
}

const isThere = (row: Row): boolean => !row.deleted_at

export const FILES: Record<string, Work> = {
  'attachment.add': { weight: 0.8, draw: adds },
  'attachment.edit': {
    weight: 0.8,
    draw: (drawing) => (drawing.dice.chance(0.5) ? renames(drawing) : edits('attachment', ['note'])(drawing)),
  },
  'attachment.delete': { weight: 0.5, draw: about('attachment.delete', 'attachment', isThere) },
  'attachment.restore': { weight: 0.4, draw: about('attachment.restore', 'attachment', (row) => !isThere(row)) },
}
