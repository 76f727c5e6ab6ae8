/** What drawing a command from chance needs: somebody, his dice, what everybody may refer to, and rows to be about. */
import { editOf } from '@/areas/edits'
import { needsOf } from '@/areas/needs'
import type { NewPhoto, Row } from '@/sync/types'
import { DECLARED, type Actor } from './actor'
import type { Dice } from './dice'

/** What everybody may refer to. */
export interface Goods {
  products: string[]
  employees: string[]
  methods: string[]
  stages: string[]
  complaints: string[]
  units: string[]
  carriers: string[]
  department: string
  role: string
}

/** A command with its arguments: for the outbox of a phone or for the desk. */
export interface Draft {
  command: string
  args: Record<string, unknown>
  /** Rows of one's own that the company may not have seen yet: their ops go first. */
  after?: Array<Row | undefined>
  photos?: NewPhoto[]
  /** Photos that need not be sent any more once this is applied. */
  unwanted?: string[]
}

export interface Drawing {
  actor: Actor
  dice: Dice
  goods: Goods
}

export type Draw = (drawing: Drawing) => Promise<Draft | null> | Draft | null

const WORDS = ['周一送货', '要发票', '老板不在', '门口停车', '价格谈妥', '下月再来', '冷柜坏了', '新品上架']
let serial = 0

export const word = (dice: Dice): string => `${dice.one(WORDS)}${++serial}`
export const mobile = (): string => String(13_000_000_000 + ++serial)
export const money = (dice: Dice, most = 900): string =>
  `${dice.whole(1, most)}.${String(dice.whole(0, 99)).padStart(2, '0')}`
export const clock = (actor: Actor): string => new Date(actor.environment().now()).toISOString()

export const needs = (draft: Draft): string[] => needsOf(...(draft.after ?? []))

/** One of the rows this person has before him: on the phone what it holds, at the desk the first page of the list. */
export async function some(
  { actor, dice }: Drawing,
  type: string,
  fits: (row: Row) => boolean = () => true,
): Promise<Row | undefined> {
  return dice.maybe((await actor.inView(type)).filter(fits))
}

/** A new value for a field, as its kind wants it; null empties it. */
export function newValue({ dice, goods }: Drawing, type: string, field: string): unknown {
  const declared = DECLARED.records[type]!.fields.find(({ name }) => name === field)
  const spec = declared as unknown as { kind: string; ref?: string; required?: boolean } | undefined
  switch (spec?.kind) {
    case 'phone':
      return mobile()
    case 'money':
      return dice.chance(0.5) ? '0.00' : `${dice.whole(1, 9)}.00`
    case 'price':
      return `${dice.whole(8, 14)}.0000`
    case 'quantity':
      return `${dice.whole(0, 50)}.0000`
    case 'integer':
      return dice.whole(1, 500)
    case 'boolean':
      return dice.chance(0.5)
    case 'ref':
    case 'option':
      return dice.maybe(goods.stages) ?? null
    default:
      return dice.chance(0.1) && !spec?.required ? null : word(dice)
  }
}

/** Changes one or two of the fields of a row that is in view. */
export const edits =
  (type: string, fields: readonly string[]): Draw =>
  async (drawing) => {
    const row = await some(drawing, type)
    return row ? editing(drawing, type, row, fields) : null
  }

export function editing(drawing: Drawing, type: string, row: Row, fields: readonly string[]): Draft | null {
  const { dice } = drawing
  const chosen = [dice.one(fields), ...(dice.chance(0.3) ? [dice.one(fields)] : [])]
  const set = editOf(row, Object.fromEntries(chosen.map((field) => [field, newValue(drawing, type, field)])))
  if (Object.keys(set).length === 0) return null
  return { command: `${type}.edit`, args: { id: row.id, set }, after: [row] }
}

/** A command that says only which row; `fits` picks those for which it makes sense. */
export const about =
  (command: string, type: string, fits?: (row: Row) => boolean, more: (d: Drawing) => object = () => ({})): Draw =>
  async (drawing) => {
    const row = await some(drawing, type, fits)
    return row ? { command, args: { id: row.id, ...more(drawing) }, after: [row] } : null
  }

/** A new row below a customer that is in view. */
export const below =
  (command: string, args: (customer: Row, drawing: Drawing) => Record<string, unknown>): Draw =>
  async (drawing) => {
    const customer = await some(drawing, 'customer')
    if (!customer) return null
    return { command, args: { id: drawing.actor.engine.newId(), ...args(customer, drawing) }, after: [customer] }
  }

/** A new row of the company's own. */
export const creates =
  (type: string, values: (drawing: Drawing) => Record<string, unknown> | null): Draw =>
  (drawing) => {
    const chosen = values(drawing)
    if (!chosen) return null
    return { command: `${type}.create`, args: { id: drawing.actor.engine.newId(), values: chosen } }
  }
