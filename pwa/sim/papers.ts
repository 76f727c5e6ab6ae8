/** Approvals: what people ask for and decide all day, and the flows the office draws. */
import type { Row } from '@/sync/types'
import { mobile, money, some, word, type Draw, type Drawing } from './draw'
import type { Work } from './work'

const isOpen = (paper: Row): boolean => ['running', 'returned', 'failed'].includes(String(paper.state))

/** A document on which this person is asked, or now and then any at all: too late, or not asked. */
async function asked(drawing: Drawing): Promise<Row | undefined> {
  const { actor, dice } = drawing
  const me = actor.employee
  const line = await some(
    drawing,
    'approval_step',
    (row) => row.state === 'waiting' && (row.approver_id === me || row.for_id === me),
  )
  if (!line || dice.chance(0.15)) return some(drawing, 'approval')
  return (await actor.engine.get('approval', String(line.approval_id))) ?? some(drawing, 'approval')
}

const deciding =
  (command: string, more: (drawing: Drawing) => object): Draw =>
  async (drawing) => {
    const paper = await asked(drawing)
    return paper ? { command, args: { id: paper.id, ...more(drawing) }, after: [paper] } : null
  }

const ownPaper =
  (command: string, more: (drawing: Drawing) => object): Draw =>
  async (drawing) => {
    const mine = (paper: Row) => paper.requester_id === drawing.actor.employee && isOpen(paper)
    const paper = await some(drawing, 'approval', mine)
    return paper ? { command, args: { id: paper.id, ...more(drawing) }, after: [paper] } : null
  }

const opinion = ({ dice }: Drawing) => ({ opinion: word(dice) })

const isDraft = (target: Row): boolean => ['draft', 'returned', 'refused'].includes(String(target.state))

export const PAPERS: Record<string, Work> = {
  'customer.request_change': {
    weight: 2,
    draw: async (drawing) => {
      const { actor, dice } = drawing
      const customer = await some(drawing, 'customer')
      if (!customer) return null
      const set = dice.chance(0.7)
        ? { name: [customer.name, `店${word(dice)}`] }
        : { credit_limit: [customer.credit_limit ?? null, `${dice.whole(1, 90)}000.00`] }
      const args = { id: actor.engine.newId(), customer_id: customer.id, set, reason: word(dice) }
      return { command: 'customer.request_change', args, after: [customer] }
    },
  },
  'customer.transfer': {
    weight: 1.5,
    draw: async (drawing) => {
      const { actor, dice, goods } = drawing
      const customer = await some(drawing, 'customer', (row) => row.owner_id === actor.employee)
      if (!customer) return null
      const to = dice.one(goods.employees)
      const args = { id: actor.engine.newId(), ids: [customer.id], to, reason: word(dice) }
      return { command: 'customer.transfer', args, after: [customer] }
    },
  },
  'customer.claim': {
    weight: 1,
    draw: async (drawing) => {
      const customer = await some(drawing, 'customer', (row) => !row.owner_id || drawing.dice.chance(0.05))
      if (!customer) return null
      return { command: 'customer.claim', args: { id: drawing.actor.engine.newId(), ids: [customer.id] } }
    },
  },
  'customer.give_up': {
    weight: 0.5,
    draw: async (drawing) => {
      const { actor, dice } = drawing
      const customer = await some(drawing, 'customer', (row) => row.owner_id === actor.employee || dice.chance(0.05))
      if (!customer) return null
      return { command: 'customer.give_up', args: { ids: [customer.id], reason: word(dice) }, after: [customer] }
    },
  },
  'target.create': {
    weight: 1,
    draw: ({ actor, dice, goods }) => {
      // Few periods and people: now and then there is one already, or it is for somebody one does not lead.
      const month = `2027-${String(dice.whole(1, 12)).padStart(2, '0')}`
      const days = new Date(Date.UTC(2027, Number(month.slice(5)), 0)).getUTCDate()
      const values = {
        person_id: dice.chance(0.7) ? actor.employee : dice.one(goods.employees),
        kind: 'month',
        start_date: `${month}-01`,
        end_date: `${month}-${days}`,
        visits: dice.whole(0, 90),
        deal_amount: money(dice, 90_000),
      }
      return { command: 'target.create', args: { id: actor.engine.newId(), values } }
    },
  },
  'target.edit': {
    weight: 1,
    draw: async (drawing) => {
      const target = await some(drawing, 'target', (row) => isDraft(row) || drawing.dice.chance(0.1))
      if (!target) return null
      const set = drawing.dice.chance(0.5)
        ? { visits: [target.visits ?? null, drawing.dice.whole(1, 90)] }
        : { note: [target.note ?? null, word(drawing.dice)] }
      return { command: 'target.edit', args: { id: target.id, set }, after: [target] }
    },
  },
  'target.submit': {
    weight: 1.5,
    draw: async (drawing) => {
      const { actor, dice } = drawing
      const target = await some(drawing, 'target')
      if (!target) return null
      const goals = dice.chance(0.4) ? { goals: { visits: dice.whole(1, 90) } } : {}
      const args = { id: actor.engine.newId(), target_id: target.id, ...goals, reason: word(dice) }
      return { command: 'target.submit', args, after: [target] }
    },
  },
  'target.delete': {
    weight: 0.4,
    draw: async (drawing) => {
      const target = await some(drawing, 'target', (row) => isDraft(row) || drawing.dice.chance(0.05))
      return target ? { command: 'target.delete', args: { id: target.id }, after: [target] } : null
    },
  },
  'approval.agree': { weight: 4, draw: deciding('approval.agree', opinion) },
  'approval.refuse': { weight: 1, draw: deciding('approval.refuse', opinion) },
  'approval.send_back': { weight: 1, draw: deciding('approval.send_back', opinion) },
  'approval.delegate': {
    weight: 0.7,
    draw: deciding('approval.delegate', ({ dice, goods }) => ({ to: dice.one(goods.employees) })),
  },
  'approval.withdraw': { weight: 0.7, draw: ownPaper('approval.withdraw', opinion) },
  'approval.resubmit': { weight: 0.7, draw: ownPaper('approval.resubmit', opinion) },
  'approval.retry': { weight: 0.5, draw: ownPaper('approval.retry', () => ({})) },
  'approval_absence.create': {
    weight: 0.3,
    draw: ({ actor, dice, goods }) => {
      const values = { starts_on: '2026-11-01', ends_on: '2026-12-31', delegate_id: dice.one(goods.employees) }
      return { command: 'approval_absence.create', args: { id: actor.engine.newId(), values } }
    },
  },
  'approval_absence.edit': {
    weight: 0.3,
    draw: async (drawing) => {
      const row = await some(drawing, 'approval_absence')
      if (!row) return null
      const set = { note: [row.note, word(drawing.dice)] }
      return { command: 'approval_absence.edit', args: { id: row.id, set }, after: [row] }
    },
  },
  'approval_absence.delete': {
    weight: 0.3,
    draw: async (drawing) => {
      const row = await some(drawing, 'approval_absence')
      return row ? { command: 'approval_absence.delete', args: { id: row.id }, after: [row] } : null
    },
  },
}

const KINDS = [
  'customer.change',
  'customer.transfer',
  'customer.claim',
  'order.held',
  'target.fix',
  'customer.new',
  'work_report.review',
  'visit.review',
]

/** A new flow for one kind: what runs must keep the one it started with. */
const drawFlow: Draw = async (drawing) => {
  const { actor, dice, goods } = drawing
  const kind = dice.one(KINDS)
  const path = `/api/approval-flows?kind=${kind}&sort=-version&limit=1`
  const page = await actor.line.json<{ items: Row[] }>('GET', path).catch(() => null)
  const steps = Array.from({ length: dice.whole(1, 2) }, () => ({
    name: `步骤${mobile().slice(-3)}`,
    need: dice.one(['any', 'all']),
    ...dice.one<object>([
      { who: 'superior' },
      { who: 'department_head' },
      { who: 'role', role_id: goods.role },
      { who: 'person', employee_ids: [dice.one(goods.employees), dice.one(goods.employees)] },
    ]),
  }))
  const args = {
    id: actor.engine.newId(),
    kind,
    base: Number(page?.items[0]?.version ?? 0),
    enabled: dice.chance(0.9),
    steps,
    watched: kind === 'customer.change' ? ['name', 'credit_limit'] : [],
  }
  return { command: 'approval_flow.save', args }
}

export const FLOWS: Record<string, Work> = {
  'approval_flow.save': { weight: 0.3, draw: drawFlow },
}
