/** What people do all day, drawn from chance: every command a device or the desk can send (tests/sim/test_commands.py
 * says which are missing). */
import type { Row } from '@/sync/types'
import { takePhoto } from './camera'
import { cardOf, kindAt } from '@/areas/followups/leads'
import { FILES } from './files'
import { MAILS } from './mails'
import { editsOwn } from './own'
import { about, below, clock, creates, edits, mobile, money, some, word, type Draw, type Drawing } from './draw'
import { PAPERS } from './papers'
import { entersSchedule, reads } from './notices'
import { arrangesStart } from './start'
import { createsRow, deletesRow, editsRow, restoresRow } from './tables'
import { choosesView, deletesView, restoresView, savesView } from './views'

export interface Work {
  weight: number
  draw: Draw
}

const lines = ({ actor, dice, goods }: Drawing) =>
  Array.from({ length: dice.whole(1, 3) }, () => ({
    id: actor.engine.newId(),
    product_id: dice.one(goods.products),
    quantity: String(dice.whole(1, 50)),
    price: `${dice.whole(8, 14)}.00`,
    price_reason: 'negotiated',
  }))

/** A step of a customer that is at this stage as far as the device knows; now and then of another. */
const step =
  (command: string, from: string, more: (drawing: Drawing) => object = () => ({})): Draw =>
  async (drawing) => {
    const fits = (row: Row) => row.lead_stage === from || drawing.dice.chance(0.1)
    const customer = await some(drawing, 'customer', fits)
    return customer ? { command, args: { customer_id: customer.id, ...more(drawing) }, after: [customer] } : null
  }

const planned = (visit: Row): boolean => visit.state === 'planned'
const pending = (order: Row): boolean => order.state === 'pending'
const place = { lat: 36.0671, lng: 120.3826, accuracy: 9 }

/** What reps and their managers do. */
export const FIELD_WORK: Record<string, Work> = {
  'customer.create': {
    weight: 7,
    draw: creates('customer', ({ dice }) => ({
      name: dice.chance(0.05) ? '王记超市' : `店${word(dice)}`,
      mobile: mobile(),
      remark: word(dice),
      lead_stage: dice.one(['cold', 'potential', 'existing']),
      prepay_allowed: true,
    })),
  },
  'customer.edit': {
    weight: 14,
    draw: async (drawing) =>
      (drawing.dice.chance(0.25) && (await editsOwn(drawing))) ||
      edits('customer', [
        'name',
        'address',
        'city',
        'remark',
        'im_account',
        'finance_info',
        'sales_stage_id',
        'mobile',
      ])(drawing),
  },
  'customer.share': {
    weight: 4,
    draw: async (drawing) => {
      const customer = await some(drawing, 'customer')
      const args = { id: customer?.id, employee_id: drawing.dice.one(drawing.goods.employees) }
      return customer ? { command: 'customer.share', args, after: [customer] } : null
    },
  },
  'customer.unshare': {
    weight: 3,
    draw: async (drawing) => {
      const share = await some(drawing, 'customer_share')
      if (!share) return null
      const customer = await drawing.actor.engine.get('customer', String(share.customer_id))
      const args = { id: share.customer_id, employee_id: share.employee_id }
      return { command: 'customer.unshare', args, after: [share, customer] }
    },
  },
  'contact.create': {
    weight: 6,
    draw: below('contact.create', ({ id }, { dice }) => ({
      values: { customer_id: id, name: word(dice), is_primary: dice.chance(0.2) },
    })),
  },
  'contact.edit': { weight: 7, draw: edits('contact', ['name', 'department', 'job_title', 'remark', 'phone']) },
  'contact.delete': { weight: 2, draw: about('contact.delete', 'contact') },
  'terminal.create': {
    weight: 3,
    draw: below('terminal.create', ({ id }, { dice }) => ({ values: { customer_id: id, name: word(dice) } })),
  },
  'terminal.edit': { weight: 2, draw: edits('terminal', ['name', 'address', 'contact']) },
  'terminal.delete': { weight: 1, draw: about('terminal.delete', 'terminal') },
  'customer_department.create': {
    weight: 2,
    draw: below('customer_department.create', ({ id }, { dice }) => ({
      values: { customer_id: id, name: word(dice) },
    })),
  },
  'customer_department.edit': { weight: 1, draw: edits('customer_department', ['name', 'contact', 'remark']) },
  'customer_department.delete': { weight: 0.5, draw: about('customer_department.delete', 'customer_department') },
  'contact_record.create': {
    weight: 5,
    draw: below('contact_record.create', ({ id }, { actor, dice }) => ({
      values: {
        customer_id: id,
        contacted_at: clock(actor),
        content: word(dice),
        ...(dice.chance(0.4) ? { next_contact_at: `2026-12-${String(dice.whole(10, 28))}T02:00:00.000Z` } : {}),
        ...(dice.chance(0.2) ? { next_person_id: actor.employee } : {}),
      },
    })),
  },
  'contact_record.edit': { weight: 3, draw: edits('contact_record', ['content', 'next_goal']) },
  'call_report.create': {
    weight: 3,
    draw: async (drawing) => {
      const { actor, dice } = drawing
      const customer = await some(drawing, 'customer')
      if (!customer) return null
      const before = await some(drawing, 'call_report', (row) => row.customer_id === customer.id)
      const copied = before && dice.chance(0.7) ? before : undefined
      const values = {
        customer_id: customer.id,
        kind: kindAt(customer.lead_stage),
        reported_at: clock(actor),
        content: word(dice),
        ...(dice.chance(0.3) ? { sales_stage_id: dice.maybe(drawing.goods.stages) ?? null } : {}),
        ...(copied ? { ...cardOf(copied), copied_from_id: copied.id } : {}),
      }
      return { command: 'call_report.create', args: { id: actor.engine.newId(), values }, after: [customer, copied] }
    },
  },
  'call_report.edit': { weight: 2, draw: edits('call_report', ['content', 'demand', 'competition']) },
  'call_report.delete': { weight: 0.5, draw: about('call_report.delete', 'call_report') },
  'lead.accept': { weight: 1, draw: step('lead.accept', 'cold') },
  'lead.follow': {
    weight: 1,
    draw: step('lead.follow', 'potential', ({ dice, goods }) => ({
      sales_stage_id: dice.maybe(goods.stages) ?? null,
    })),
  },
  'lead.convert': { weight: 1, draw: step('lead.convert', 'following') },
  'lead.return': { weight: 1, draw: step('lead.return', 'existing', ({ dice }) => ({ reason: word(dice) })) },
  'opportunity.create': {
    weight: 2,
    draw: below('opportunity.create', ({ id }, { dice }) => ({
      values: { customer_id: id, name: word(dice), chance: dice.whole(0, 100), expected_amount: money(dice) },
    })),
  },
  'opportunity.edit': { weight: 2, draw: edits('opportunity', ['name', 'remark']) },
  'opportunity.close': {
    weight: 1,
    draw: about('opportunity.close', 'opportunity', undefined, ({ dice }) => ({
      outcome: dice.one(['won', 'lost']),
      reason: word(dice),
    })),
  },
  'opportunity.reopen': { weight: 0.5, draw: about('opportunity.reopen', 'opportunity') },
  'opportunity.delete': { weight: 0.5, draw: about('opportunity.delete', 'opportunity') },
  'trial_account.create': {
    weight: 1,
    draw: below('trial_account.create', ({ id }, { dice }) => ({ values: { customer_id: id, name: word(dice) } })),
  },
  'trial_account.edit': { weight: 1, draw: edits('trial_account', ['name', 'login_name', 'remark']) },
  'complaint.create': {
    weight: 2,
    draw: below('complaint.create', ({ id }, { actor, dice, goods }) => ({
      values: {
        customer_id: id,
        kind_id: dice.one(goods.complaints),
        content: word(dice),
        reported_at: clock(actor),
        ...(dice.chance(0.5) ? { handler_id: dice.one(goods.employees) } : {}),
      },
    })),
  },
  'complaint.edit': { weight: 1.5, draw: edits('complaint', ['content']) },
  'complaint.assign': {
    weight: 1,
    draw: about('complaint.assign', 'complaint', undefined, ({ dice, goods }) => ({
      handler_id: dice.one(goods.employees),
    })),
  },
  'complaint.take_up': { weight: 1, draw: about('complaint.take_up', 'complaint') },
  'complaint.answer': {
    weight: 2,
    draw: about('complaint.answer', 'complaint', undefined, ({ dice }) => ({ answer: word(dice) })),
  },
  'complaint.close': {
    weight: 1,
    draw: about('complaint.close', 'complaint', undefined, ({ dice }) => ({
      satisfaction: dice.maybe(['good', 'fair', 'bad']) ?? null,
      note: word(dice),
    })),
  },
  'complaint.reopen': {
    weight: 0.5,
    draw: about('complaint.reopen', 'complaint', undefined, ({ dice }) => ({ reason: word(dice) })),
  },
  'complaint.delete': { weight: 0.3, draw: about('complaint.delete', 'complaint') },
  'own_row.create': { weight: 2, draw: createsRow },
  'own_row.edit': { weight: 1.5, draw: editsRow },
  'own_row.delete': { weight: 0.5, draw: deletesRow },
  'own_row.restore': { weight: 0.5, draw: restoresRow },
  'contact_record.delete': { weight: 1, draw: about('contact_record.delete', 'contact_record') },
  'visit.plan': {
    weight: 4,
    draw: below('visit.plan', ({ id }, { dice }) => ({
      customer_id: id,
      planned_on: `2026-12-${String(dice.whole(10, 28))}`,
      plan_note: word(dice),
    })),
  },
  'visit.check_in': {
    weight: 7,
    draw: async (drawing) => {
      const { actor } = drawing
      const visit = await some(drawing, 'visit', (v) => planned(v) && v.visitor_id === actor.employee)
      const customer = visit
        ? await actor.engine.get('customer', String(visit.customer_id))
        : await some(drawing, 'customer')
      if (!customer) return null
      const id = visit?.id ?? actor.engine.newId()
      const args = { id, customer_id: customer.id, at: clock(actor), ...place }
      return { command: 'visit.check_in', args, after: [customer, visit] }
    },
  },
  'visit.edit': { weight: 6, draw: edits('visit', ['visited_person', 'content', 'sales_stage_id']) },
  'visit.check_out': {
    weight: 5,
    draw: async (drawing) => {
      const { actor } = drawing
      const visit = await some(drawing, 'visit', (v) => v.state === 'open' && v.visitor_id === actor.employee)
      if (!visit) return null
      return { command: 'visit.check_out', args: { id: visit.id, at: clock(actor) }, after: [visit] }
    },
  },
  'visit.arrange': {
    weight: 1,
    draw: async (drawing) => {
      const { actor, dice } = drawing
      const first = await some(drawing, 'visit', (v) => planned(v) && v.visitor_id === actor.employee)
      const day = first?.planned_on
      const second = await some(
        drawing,
        'visit',
        (v) => planned(v) && v.visitor_id === actor.employee && v.planned_on === day && v.id !== first?.id,
      )
      if (!first || !day) return null
      const rows = second ? dice.one([[first, second], [second, first]]) : [first] // prettier-ignore
      return { command: 'visit.arrange', args: { day, ids: rows.map(({ id }) => id) }, after: rows }
    },
  },
  'visit.drop': { weight: 1, draw: about('visit.drop', 'visit', planned) },
  'photo.attach': {
    weight: 0.8,
    draw: async (drawing) => {
      const { actor } = drawing
      const visit = await some(drawing, 'visit', (v) => v.state === 'open' && v.visitor_id === actor.employee)
      if (!visit) return null
      return { ...(await takePhoto(actor, visit.id, String(visit.customer_id))), after: [visit] }
    },
  },
  'photo.edit': { weight: 0.6, draw: edits('photo', ['note']) },
  'photo.withdraw': {
    weight: 0.4,
    draw: async (drawing) => {
      const photo = await some(drawing, 'photo', (one) => !one.withdrawn_at)
      if (!photo) return null
      return { command: 'photo.withdraw', args: { id: photo.id }, after: [photo], unwanted: [photo.id] }
    },
  },
  'order.place': {
    weight: 7,
    draw: below('order.place', ({ id }, drawing) => ({
      customer_id: id,
      lines: lines(drawing),
      remark: word(drawing.dice),
      ...(drawing.dice.chance(0.3) ? { discount: '1.00' } : {}),
    })),
  },
  'order.edit': { weight: 5, draw: edits('order', ['consignee', 'remark', 'delivery_time', 'freight', 'discount']) },
  'order.change_lines': {
    weight: 3,
    draw: about('order.change_lines', 'order', pending, (drawing) => ({ lines: lines(drawing) })),
  },
  'order.delete': { weight: 1, draw: about('order.delete', 'order', pending) },
  'payment.record': {
    weight: 5,
    draw: async (drawing) => {
      const { actor, dice, goods } = drawing
      const order = await some(drawing, 'order')
      if (!order) return null
      const args = { id: actor.engine.newId(), order_id: order.id, amount: money(dice), paid_at: clock(actor) }
      return { command: 'payment.record', args: { ...args, method_id: dice.one(goods.methods) }, after: [order] }
    },
  },
  'payment.top_up': {
    weight: 1.5,
    draw: below('payment.top_up', ({ id }, { actor, dice, goods }) => ({
      customer_id: id,
      amount: money(dice),
      paid_at: clock(actor),
      method_id: dice.one(goods.methods),
    })),
  },
  'payment.use': {
    weight: 1.5,
    draw: async (drawing) => {
      const { actor, dice } = drawing
      const order = await some(drawing, 'order')
      if (!order) return null
      const args = { id: actor.engine.newId(), order_id: order.id, amount: money(dice), paid_at: clock(actor) }
      return { command: 'payment.use', args, after: [order] }
    },
  },
  'report.submit': {
    weight: 3,
    draw: async (drawing) => {
      const { actor, dice } = drawing
      const customer = dice.chance(0.5) ? await some(drawing, 'customer') : undefined
      const args = { kind: 'day', report_date: `2026-11-${String(dice.whole(1, 20)).padStart(2, '0')}` }
      const next = customer ? { next_customers: [customer.id] } : {}
      const more = { id: actor.engine.newId(), ...args, summary: word(dice), next_plan: word(dice), ...next }
      return { command: 'report.submit', args: more, after: [customer] }
    },
  },
  'notification.read': {
    weight: 4,
    draw: async (drawing) => {
      const row = await some(drawing, 'notification', (one) => !one.read_at)
      const another = await some(drawing, 'notification') // seen already, perhaps on another device
      if (!row || !another) return null
      return { command: 'notification.read', args: { ids: [row.id, another.id] }, after: [row, another] }
    },
  },
  'notification.choose': {
    weight: 0.5,
    draw: ({ actor, dice }) => {
      const args = { id: actor.engine.newId(), kind: dice.one(['order.to_approve', 'conflict.open']) }
      return { command: 'notification.choose', args: { ...args, push: dice.chance(0.5) } }
    },
  },
  'work_report.edit': { weight: 3, draw: edits('work_report', ['summary', 'next_plan']) },
  'work_report.delete': { weight: 0.5, draw: about('work_report.delete', 'work_report') },
  'conflict.resolve': {
    weight: 5,
    draw: async (drawing) => {
      const conflict = await some(drawing, 'conflict', (row) => row.state === 'open')
      if (!conflict) return null
      const resolution = drawing.dice.one(['theirs', 'mine', 'other'])
      const value = resolution === 'other' ? { value: word(drawing.dice) } : {}
      return { command: 'conflict.resolve', args: { id: conflict.id, resolution, ...value } }
    },
  },
  'saved_view.save': { weight: 1, draw: savesView },
  'saved_view.delete': { weight: 0.3, draw: deletesView },
  'saved_view.restore': { weight: 0.3, draw: restoresView },
  'view_choice.set': { weight: 0.4, draw: choosesView },
  'notice.read': { weight: 1.5, draw: reads },
  'schedule_entry.create': { weight: 2, draw: entersSchedule },
  'schedule_entry.edit': { weight: 1.5, draw: edits('schedule_entry', ['title', 'place', 'note']) },
  'schedule_entry.delete': { weight: 0.5, draw: about('schedule_entry.delete', 'schedule_entry') },
  'start_page.set': { weight: 0.4, draw: arrangesStart },
  'device.edit': { weight: 0.3, draw: edits('device', ['name']) },
  ...FILES,
  ...MAILS,
  ...PAPERS,
  'gift.hand_over': {
    // A command of the future: this server does not know it.
    weight: 0.3,
    draw: ({ actor, dice }) => ({
      command: 'gift.hand_over',
      args: { id: actor.engine.newId(), what: word(dice) },
    }),
  },
}
