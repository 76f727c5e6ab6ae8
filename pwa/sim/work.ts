/** What people do all day, drawn from chance: reps on phones, the desk over REST. */
import { editOf } from '@/areas/edits'
import { needsOf } from '@/areas/needs'
import type { Row } from '@/sync/types'
import { DECLARED, type Actor } from './actor'
import type { Dice } from './dice'
import { Refused } from './line'

/** What everybody may refer to. */
export interface Goods {
  products: string[]
  employees: string[]
  methods: string[]
  stages: string[]
}

type Work = (actor: Actor, dice: Dice, goods: Goods) => Promise<unknown>

const WORDS = ['周一送货', '要发票', '老板不在', '门口停车', '价格谈妥', '下月再来', '冷柜坏了', '新品上架']
let serial = 0

const word = (dice: Dice): string => `${dice.one(WORDS)}${++serial}`
const number = (): string => String(13_000_000_000 + ++serial)
const money = (dice: Dice): string => `${dice.whole(1, 900)}.${String(dice.whole(0, 99)).padStart(2, '0')}`

async function some(actor: Actor, dice: Dice, type: string, fits: (row: Row) => boolean = () => true) {
  return dice.maybe((await actor.rows(type)).filter(fits))
}

const EDITABLE: Record<string, string[]> = {
  customer: ['name', 'address', 'city', 'remark', 'im_account', 'finance_info', 'sales_stage_id', 'mobile'],
  contact: ['name', 'department', 'job_title', 'remark', 'phone'],
  terminal: ['name', 'address', 'contact'],
  visit: ['visited_person', 'content', 'sales_stage_id'],
  order: ['consignee', 'remark', 'delivery_time', 'freight', 'discount'],
  work_report: ['summary', 'next_plan'],
}

function newValue(type: string, field: string, dice: Dice, goods: Goods): unknown {
  const kind = DECLARED.records[type]!.fields.find(({ name }) => name === field)?.kind
  if (kind === 'phone') return number()
  if (kind === 'money') return dice.chance(0.5) ? '0.00' : `${dice.whole(1, 9)}.00`
  if (kind === 'ref') return dice.maybe(goods.stages) ?? null
  return dice.chance(0.1) && field !== 'name' && field !== 'summary' ? null : word(dice)
}

function editing(type: string, row: Row, dice: Dice, goods: Goods): Record<string, unknown> {
  const fields = EDITABLE[type]!
  const chosen = [dice.one(fields), ...(dice.chance(0.3) ? [dice.one(fields)] : [])]
  return { id: row.id, set: editOf(row, Object.fromEntries(chosen.map((f) => [f, newValue(type, f, dice, goods)]))) }
}

const edit =
  (type: string): Work =>
  async (actor, dice, goods) => {
    const row = await some(actor, dice, type)
    if (!row) return
    const args = editing(type, row, dice, goods)
    if (Object.keys(args.set as object).length > 0) await actor.submit(`${type}.edit`, args, { needs: needsOf(row) })
  }

const remove =
  (type: string): Work =>
  async (actor, dice) => {
    const row = await some(actor, dice, type)
    if (row) await actor.submit(`${type}.delete`, { id: row.id }, { needs: needsOf(row) })
  }

const below =
  (command: string, args: (customer: Row, dice: Dice, actor: Actor, goods: Goods) => Record<string, unknown>): Work =>
  async (actor, dice, goods) => {
    const customer = await some(actor, dice, 'customer')
    if (customer) await actor.submit(command, args(customer, dice, actor, goods), { needs: needsOf(customer) })
  }

const lines = (actor: Actor, dice: Dice, goods: Goods) =>
  Array.from({ length: dice.whole(1, 3) }, () => ({
    id: actor.engine.newId(),
    product_id: dice.one(goods.products),
    quantity: String(dice.whole(1, 50)),
    price: `${dice.whole(8, 14)}.00`,
    price_reason: 'negotiated',
  }))

const now = (actor: Actor): string => new Date(actor.environment().now()).toISOString()

export const FIELD_WORK: Record<string, { weight: number; work: Work }> = {
  'customer.create': {
    weight: 7,
    work: (actor, dice) =>
      actor.submit('customer.create', {
        id: actor.engine.newId(),
        values: { name: dice.chance(0.1) ? '王记超市' : `店${word(dice)}`, mobile: number(), remark: word(dice) },
      }),
  },
  'customer.edit': { weight: 14, work: edit('customer') },
  'customer.share': {
    weight: 4,
    work: below('customer.share', ({ id }, dice, _actor, goods) => ({ id, employee_id: dice.one(goods.employees) })),
  },
  'customer.unshare': {
    weight: 3,
    work: async (actor, dice) => {
      const share = await some(actor, dice, 'customer_share')
      if (!share) return
      const customer = await actor.engine.get('customer', String(share.customer_id))
      const args = { id: share.customer_id, employee_id: share.employee_id }
      await actor.submit('customer.unshare', args, { needs: needsOf(share, customer) })
    },
  },
  'contact.create': {
    weight: 6,
    work: below('contact.create', ({ id }, dice, actor) => ({
      id: actor.engine.newId(),
      values: { customer_id: id, name: word(dice), is_primary: dice.chance(0.2) },
    })),
  },
  'contact.edit': { weight: 7, work: edit('contact') },
  'contact.delete': { weight: 2, work: remove('contact') },
  'terminal.create': {
    weight: 3,
    work: below('terminal.create', ({ id }, dice, actor) => ({
      id: actor.engine.newId(),
      values: { customer_id: id, name: word(dice) },
    })),
  },
  'terminal.edit': { weight: 2, work: edit('terminal') },
  'terminal.delete': { weight: 1, work: remove('terminal') },
  'visit.plan': {
    weight: 4,
    work: below('visit.plan', ({ id }, dice, actor) => ({
      id: actor.engine.newId(),
      customer_id: id,
      planned_on: `2026-12-${String(dice.whole(10, 28))}`,
      plan_note: word(dice),
    })),
  },
  'visit.check_in': {
    weight: 7,
    work: async (actor, dice) => {
      const planned = await some(
        actor,
        dice,
        'visit',
        (v) => v.state === 'planned' && v.visitor_id === actor.employee,
      )
      const customer = planned
        ? await actor.engine.get('customer', String(planned.customer_id))
        : await some(actor, dice, 'customer')
      if (!customer) return
      const id = planned?.id ?? actor.engine.newId()
      const args = { id, customer_id: customer.id, at: now(actor), lat: 36.0671, lng: 120.3826, accuracy: 9 }
      await actor.submit('visit.check_in', args, { needs: needsOf(customer, planned) })
    },
  },
  'visit.edit': { weight: 6, work: edit('visit') },
  'visit.check_out': {
    weight: 5,
    work: async (actor, dice) => {
      const visit = await some(actor, dice, 'visit', (v) => v.state === 'open' && v.visitor_id === actor.employee)
      if (visit) await actor.submit('visit.check_out', { id: visit.id, at: now(actor) }, { needs: needsOf(visit) })
    },
  },
  'visit.drop': {
    weight: 1,
    work: async (actor, dice) => {
      const visit = await some(actor, dice, 'visit', (v) => v.state === 'planned')
      if (visit) await actor.submit('visit.drop', { id: visit.id }, { needs: needsOf(visit) })
    },
  },
  'order.place': {
    weight: 7,
    work: below('order.place', ({ id }, dice, actor, goods) => ({
      id: actor.engine.newId(),
      customer_id: id,
      lines: lines(actor, dice, goods),
      remark: word(dice),
      ...(dice.chance(0.3) ? { discount: '1.00' } : {}),
    })),
  },
  'order.edit': { weight: 5, work: edit('order') },
  'order.change_lines': {
    weight: 3,
    work: async (actor, dice, goods) => {
      const order = await some(actor, dice, 'order', (row) => row.state === 'pending')
      if (!order) return
      const mine = { id: order.id, lines: lines(actor, dice, goods) }
      await actor.submit('order.change_lines', mine, { needs: needsOf(order) })
    },
  },
  'order.delete': {
    weight: 1,
    work: async (actor, dice) => {
      const order = await some(actor, dice, 'order', (row) => row.state === 'pending')
      if (order) await actor.submit('order.delete', { id: order.id }, { needs: needsOf(order) })
    },
  },
  'payment.record': {
    weight: 5,
    work: async (actor, dice, goods) => {
      const order = await some(actor, dice, 'order')
      if (!order) return
      const args = { id: actor.engine.newId(), order_id: order.id, amount: money(dice), paid_at: now(actor) }
      await actor.submit('payment.record', { ...args, method_id: dice.one(goods.methods) }, { needs: needsOf(order) })
    },
  },
  'report.submit': {
    weight: 3,
    work: async (actor, dice) => {
      const customer = await some(actor, dice, 'customer')
      const args = { kind: 'day', report_date: `2026-11-${String(dice.whole(1, 20)).padStart(2, '0')}` }
      const next = customer && dice.chance(0.5) ? { next_customers: [customer.id] } : {}
      const more = { id: actor.engine.newId(), ...args, summary: word(dice), next_plan: word(dice), ...next }
      await actor.submit('report.submit', more, { needs: needsOf(customer) })
    },
  },
  'work_report.edit': { weight: 3, work: edit('work_report') },
  'conflict.resolve': {
    weight: 5,
    work: async (actor, dice) => {
      const conflict = await some(actor, dice, 'conflict', (row) => row.state === 'open')
      if (!conflict) return
      const resolution = dice.one(['theirs', 'mine', 'other'])
      const value = resolution === 'other' ? { value: word(dice) } : {}
      await actor.submit('conflict.resolve', { id: conflict.id, resolution, ...value })
    },
  },
  'a command of the future': {
    weight: 0.3,
    work: (actor, dice) => actor.submit('gift.hand_over', { id: actor.engine.newId(), what: word(dice) }),
  },
  'the sync page': {
    weight: 5,
    work: async (actor, dice) => {
      const op = dice.maybe(await actor.engine.needsYou())
      if (!op) return
      if (op.result?.status !== 'rejected') await actor.engine.dismiss(op.id)
      else if (dice.chance(0.3)) await actor.engine.retry(op.id)
      else await actor.engine.discard(op.id)
    },
  },
}

/** A command at the desk; refusals by the rules are part of the day. Answers what was done. */
export async function deskWork(desk: Actor, dice: Dice, goods: Goods, churn: boolean): Promise<string> {
  const kind = dice.weighted({
    edit: 8,
    order: 8,
    contact: 3,
    book: 2,
    decide: 3,
    hands: churn ? 8 : 0,
    state: churn ? 2 : 0,
  })
  const pick = async (path: string): Promise<Row | undefined> =>
    dice.maybe((await desk.line.json<{ items: Row[] }>('GET', `/api/${path}`)).items)
  const run = async (command: string, args: Record<string, unknown>): Promise<string> => {
    try {
      return `${command} ${String(args.id ?? args.ids)}: ${(await desk.do(command, args)).status}`
    } catch (error) {
      if (!(error instanceof Refused) || error.status >= 500) throw error
      return `${command} ${String(args.id ?? args.ids)}: ${error.code}`
    }
  }
  if (kind === 'order') {
    const order = await pick('orders?limit=60')
    const next = { pending: 'approve', picking: 'ship', shipped: 'complete' }[String(order?.state)]
    if (!order || next === undefined) return 'nothing'
    if (order.hold_reason)
      return run('order.release', { id: order.id, decision: dice.one(['approve', 'to_cash', 'refuse']) })
    return run(dice.chance(0.15) ? 'order.cancel' : `order.${next}`, { id: order.id })
  }
  if (kind === 'contact') {
    const contact = await pick('contacts?limit=60')
    if (!contact) return 'nothing'
    if (dice.chance(0.3)) return run('contact.delete', { id: contact.id })
    return run('contact.edit', editing('contact', contact, dice, goods))
  }
  if (kind === 'book') {
    const payment = await pick('payments?limit=60')
    return payment ? run('payment.book', { id: payment.id }) : 'nothing'
  }
  if (kind === 'decide') {
    const conflict = await pick('conflicts?limit=60&state=open')
    return conflict
      ? run('conflict.resolve', { id: conflict.id, resolution: dice.one(['theirs', 'mine']) })
      : 'nothing'
  }
  const customer = await pick('customers?limit=60')
  if (!customer) return 'nothing'
  if (kind === 'hands') {
    const ids = [customer.id]
    return run('customer.assign', { ids, owner_id: dice.chance(0.1) ? null : dice.one(goods.employees) })
  }
  if (kind === 'state') return run(customer.enabled ? 'customer.disable' : 'customer.enable', { id: customer.id })
  return run('customer.edit', editing('customer', customer, dice, goods))
}
