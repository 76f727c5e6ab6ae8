/** Start pages: one's own in another order, some parts hidden, now and then as before; and what a role begins with. */
import type { Dice } from './dice'
import type { Draw } from './draw'

const PARTS = ['portal.todo', 'today.figures', 'today.day', 'followups.due', 'team.today', 'targets.mine']

function arrangement(dice: Dice) {
  if (dice.chance(0.2)) return null
  const order = [...PARTS].sort(() => dice.whole(0, 1) - 0.5).slice(0, dice.whole(1, PARTS.length))
  return order.map((part) => (dice.chance(0.3) ? { part, shown: dice.chance(0.5) } : { part }))
}

export const arrangesStart: Draw = ({ actor, dice }) => ({
  command: 'start_page.set',
  args: { id: actor.engine.newId(), parts: arrangement(dice) },
})

export const arrangesStartOfRole: Draw = ({ dice, goods }) => ({
  command: 'role_start_page.set',
  args: { role_id: goods.role, parts: arrangement(dice) },
})
