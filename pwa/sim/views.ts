/** Views of lists: saved, shared, taken away, brought back, chosen. */
import type { Row } from '@/sync/types'
import { about, some, word, type Draw } from './draw'

const mine =
  (me: string) =>
  (view: Row): boolean =>
    view.owner_id === me

export const savesView: Draw = async (drawing) => {
  const { actor, dice, goods } = drawing
  const known = dice.chance(0.4) ? await some(drawing, 'saved_view', mine(actor.engine.me?.id ?? '')) : undefined
  const audience = dice.one(['private', 'private', 'everybody', 'role', 'department'])
  return {
    command: 'saved_view.save',
    args: {
      id: known?.id ?? actor.engine.newId(),
      record_type: known?.record_type ?? dice.one(['customer', 'order', 'visit']),
      name: word(dice),
      audience,
      role_id: audience === 'role' ? goods.role : null,
      department_id: audience === 'department' ? goods.department : null,
      filters: { created_at__ge: `@today-${dice.whole(1, 30)}` },
      sort: dice.chance(0.5) ? '-created_at' : null,
    },
    after: known ? [known] : [],
  }
}

export const deletesView: Draw = about('saved_view.delete', 'saved_view', (view) => !view.deleted_at)
export const restoresView: Draw = about('saved_view.restore', 'saved_view', (view) => Boolean(view.deleted_at))

export const choosesView: Draw = async (drawing) => {
  const { actor, dice } = drawing
  const view = await some(drawing, 'saved_view', (one) => one.record_type === 'customer' && !one.deleted_at)
  return {
    command: 'view_choice.set',
    args: { id: actor.engine.newId(), record_type: 'customer', view: dice.chance(0.5) ? (view?.id ?? null) : 'debt' },
  }
}
