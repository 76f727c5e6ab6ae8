/** What the office does: orders on their way, customers changing hands, people, products, settings. At the desk over
 * REST, and on the phones of clerk and boss through their outboxes. */
import type { Row } from '@/sync/types'
import { about, creates, edits, mobile, money, some, word, type Draw } from './draw'
import { FLOWS, PAPERS } from './papers'
import { createsField, deletesField, editsField, ordersFields, restoresField } from './own'
import { createsTable, deletesTable, editsTable, restoresTable } from './tables'
import { arranges, putsBack, savesTemplate, usesTemplate } from './layouts'
import { publishes, removes, takesBack, withdraws, writesNotice } from './notices'
import { NOBODYS } from './mails'
import { arrangesStartOfRole } from './start'
import type { Work } from './work'

const held = (order: Row): boolean => Boolean(order.hold_reason)
const inState =
  (state: string) =>
  (order: Row): boolean =>
    order.state === state && !order.hold_reason

const trialIn =
  (...states: string[]) =>
  (row: Row): boolean =>
    states.includes(String(row.state))
const dayAhead = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10)

/** One of the rows this simulator has made itself: what others stand on is not deleted under them. */
const spare = (row: Row): boolean => String(row.name ?? '').startsWith('余')

/** Somebody this simulator has hired: nobody's phone is his. */
const newcomer = (row: Row): boolean => String(row.real_name ?? '').startsWith('余')

const assign: Draw = async (drawing) => {
  const { actor, dice, goods } = drawing
  const rows = await actor.inView('customer')
  if (rows.length === 0) return null
  // One shop usually, a whole tour sometimes.
  const count = dice.chance(0.15) ? dice.whole(5, 25) : 1
  const ids = [...new Set(Array.from({ length: count }, () => dice.one(rows).id))]
  const owner_id = dice.chance(0.1) ? null : dice.one(goods.employees)
  return { command: 'customer.assign', args: { ids, owner_id, reason: word(dice) } }
}

const merge: Draw = async (drawing) => {
  const duplicate = await some(drawing, 'customer', (row) => Boolean(row.duplicate_of) || spare(row))
  const kept = await some(drawing, 'customer')
  if (!duplicate || !kept || kept.id === duplicate.id) return null
  const into = duplicate.duplicate_of ?? kept.id
  return { command: 'customer.merge', args: { id: duplicate.id, into, share: drawing.dice.chance(0.5) } }
}

const option = (list: string) => (row: Row) => row.list_name === list && spare(row)

export const OFFICE_WORK: Record<string, Work> = {
  'order.approve': { weight: 8, draw: about('order.approve', 'order', inState('pending')) },
  'order.release': {
    weight: 3,
    draw: about('order.release', 'order', held, ({ dice }) => ({
      decision: dice.one(['approve', 'to_cash', 'refuse']),
      note: word(dice),
    })),
  },
  'order.refuse': {
    weight: 1,
    draw: about('order.refuse', 'order', inState('pending'), ({ dice }) => ({ reason: word(dice) })),
  },
  'order.cancel': {
    weight: 1,
    draw: about('order.cancel', 'order', undefined, ({ dice }) => ({ reason: word(dice) })),
  },
  'order.ship': {
    weight: 6,
    draw: about('order.ship', 'order', inState('picking'), ({ dice, goods }) => ({
      logistics_id: dice.maybe(goods.carriers) ?? null,
      waybill_no: mobile(),
    })),
  },
  'order.set_logistics': {
    weight: 1,
    draw: about('order.set_logistics', 'order', inState('shipped'), ({ dice, goods }) => ({
      logistics_id: dice.maybe(goods.carriers) ?? null,
      waybill_no: mobile(),
    })),
  },
  'order.complete': { weight: 4, draw: about('order.complete', 'order', inState('shipped')) },
  'payment.refund': {
    weight: 0.7,
    draw: async (drawing) => {
      const { actor, dice, goods } = drawing
      const customer = await some(drawing, 'customer')
      if (!customer) return null
      const args = { id: actor.engine.newId(), customer_id: customer.id, amount: money(dice) }
      return { command: 'payment.refund', args: { ...args, method_id: dice.one(goods.methods) }, after: [customer] }
    },
  },
  'payment.reverse': {
    weight: 0.7,
    draw: async (drawing) => {
      const payment = await some(drawing, 'payment')
      if (!payment) return null
      const args = { id: drawing.actor.engine.newId(), of: payment.id, reason: word(drawing.dice) }
      return { command: 'payment.reverse', args, after: [payment] }
    },
  },
  'payment.book': { weight: 3, draw: about('payment.book', 'payment', (row) => !row.booked_at) },
  'photo.overrule': {
    weight: 0.5,
    draw: about('photo.overrule', 'photo', undefined, ({ dice }) => ({
      verdict: dice.one(['verified', 'unverified', 'suspect']),
      note: word(dice),
    })),
  },
  'report.comment': {
    weight: 1.5,
    draw: async (drawing) => {
      const report = await some(drawing, 'work_report')
      if (!report) return null
      const args = { id: drawing.actor.engine.newId(), report_id: report.id, text: word(drawing.dice) }
      return { command: 'report.comment', args, after: [report] }
    },
  },
  'report.read': {
    weight: 1.5,
    draw: async (drawing) => {
      const report = await some(drawing, 'work_report')
      const another = await some(drawing, 'work_report') // read already, perhaps on another device
      if (!report || !another) return null
      return { command: 'report.read', args: { ids: [report.id, another.id] }, after: [report, another] }
    },
  },
  'report_comment.edit': { weight: 1, draw: edits('report_comment', ['text']) },
  'report_comment.delete': { weight: 0.4, draw: about('report_comment.delete', 'report_comment') },
  'notification_rule.set': {
    weight: 0.3,
    draw: ({ dice }) => {
      const args = { kind: dice.one(['order.to_approve', 'conflict.open']), enabled: dice.chance(0.8) }
      return { command: 'notification_rule.set', args: { ...args, push: dice.chance(0.5) } }
    },
  },
  'customer.assign': { weight: 6, draw: assign },
  'customer.disable': { weight: 1, draw: about('customer.disable', 'customer', (row) => row.enabled === true) },
  'customer.enable': { weight: 2, draw: about('customer.enable', 'customer', (row) => row.enabled === false) },
  'customer.merge': { weight: 0.8, draw: merge },
  'customer.forget_place': { weight: 0.5, draw: about('customer.forget_place', 'customer') },
  'customer.unmerge': {
    weight: 0.4,
    draw: about('customer.unmerge', 'customer', (row) => Boolean(row.merged_into)),
  },
  'customer.keep': { weight: 1, draw: about('customer.keep', 'customer', (row) => Boolean(row.duplicate_of)) },
  'customer.delete': { weight: 0.7, draw: about('customer.delete', 'customer') },
  'product.create': {
    weight: 0.6,
    draw: creates('product', ({ dice, goods }) => ({
      name: `余${word(dice)}`,
      unit_id: dice.one(goods.units),
      price: `${dice.whole(8, 14)}.0000`,
    })),
  },
  'product.edit': { weight: 1.5, draw: edits('product', ['spec_text', 'price', 'color']) },
  'product.delete': { weight: 0.2, draw: about('product.delete', 'product', spare) },
  'product_category.create': {
    weight: 0.4,
    draw: creates('product_category', ({ dice }) => ({ name: `余${word(dice)}`, sort: dice.whole(1, 99) })),
  },
  'product_category.edit': { weight: 0.5, draw: edits('product_category', ['name', 'sort']) },
  'product_category.delete': { weight: 0.2, draw: about('product_category.delete', 'product_category', spare) },
  'product_price.create': {
    weight: 0.5,
    draw: async (drawing) => {
      const { actor, dice, goods } = drawing
      const customer = await some(drawing, 'customer')
      if (!customer) return null
      const values = {
        product_id: dice.one(goods.products),
        level: 'customer',
        customer_id: customer.id,
        price: `${dice.whole(8, 14)}.0000`,
      }
      return { command: 'product_price.create', args: { id: actor.engine.newId(), values }, after: [customer] }
    },
  },
  'product_price.edit': { weight: 0.4, draw: edits('product_price', ['price']) },
  'product_price.delete': { weight: 0.2, draw: about('product_price.delete', 'product_price') },
  'option.create': {
    weight: 0.4,
    draw: creates('option', ({ dice }) => ({ list_name: 'sales_region', name: `余${word(dice)}` })),
  },
  'option.edit': {
    weight: 0.5,
    draw: async (drawing) => {
      const row = await some(drawing, 'option', option('sales_region'))
      if (!row) return null
      const set = { name: [row.name, `余${word(drawing.dice)}`] }
      return { command: 'option.edit', args: { id: row.id, set }, after: [row] }
    },
  },
  'visit_type.create': {
    weight: 0.3,
    draw: creates('visit_type', ({ dice }) => ({
      name: `余${word(dice)}`,
      photos: [{ kind: 'storefront', required: dice.whole(0, 3) }],
    })),
  },
  'visit_type.edit': {
    weight: 0.4,
    draw: async (drawing) => {
      const row = await some(drawing, 'visit_type')
      if (!row) return null
      const photos = [{ kind: drawing.dice.one(['storefront', 'shelf']), required: drawing.dice.whole(0, 3) }]
      return { command: 'visit_type.edit', args: { id: row.id, set: { photos: [row.photos, photos] } }, after: [row] }
    },
  },
  'schedule.run': {
    weight: 0.1,
    draw: async ({ dice }) => ({
      command: 'schedule.run',
      args: { job: dice.one(['runs.forget', 'logins.forget']) },
    }),
  },
  'own_field.create': { weight: 0.6, draw: createsField },
  'own_field.edit': { weight: 0.4, draw: editsField },
  'own_field.order': { weight: 0.2, draw: ordersFields },
  'own_field.delete': { weight: 0.3, draw: deletesField },
  'own_field.restore': { weight: 0.3, draw: restoresField },
  'own_table.create': { weight: 0.4, draw: createsTable },
  'own_table.edit': { weight: 0.3, draw: editsTable },
  'own_table.delete': { weight: 0.2, draw: deletesTable },
  'own_table.restore': { weight: 0.3, draw: restoresTable },
  'saved_report.create': {
    weight: 0.3,
    draw: creates('saved_report', ({ dice }) => ({
      name: `余${word(dice)}`,
      declaration: { record: 'visit', moment: 'checked_in_at', by: dice.one(['visitor_id', 'state', 'customer_id']) },
    })),
  },
  'saved_report.edit': { weight: 0.2, draw: edits('saved_report', ['name']) },
  'saved_report.publish': {
    weight: 0.2,
    draw: about('saved_report.publish', 'saved_report', undefined, ({ dice }) => ({ everyone: dice.chance(0.7) })),
  },
  'saved_report.delete': { weight: 0.1, draw: about('saved_report.delete', 'saved_report') },
  'layout.set': { weight: 0.3, draw: arranges },
  'layout.reset': { weight: 0.15, draw: putsBack },
  'form_template.save': { weight: 0.2, draw: savesTemplate },
  'form_template.use': { weight: 0.1, draw: usesTemplate },
  'form_template.delete': { weight: 0.05, draw: about('form_template.delete', 'form_template') },
  'notice.create': { weight: 0.6, draw: writesNotice },
  'notice.edit': { weight: 0.5, draw: edits('notice', ['title', 'content', 'pinned']) },
  'notice.publish': { weight: 0.7, draw: publishes },
  'notice.withdraw': { weight: 0.2, draw: withdraws },
  'notice.delete': { weight: 0.2, draw: removes },
  'notice.restore': { weight: 0.15, draw: takesBack },
  'trial_account.open': {
    weight: 0.5,
    draw: about('trial_account.open', 'trial_account', trialIn('pending', 'refused'), ({ dice }) => ({
      login_name: word(dice),
      ends_on: dayAhead(dice.whole(1, 30)),
    })),
  },
  'trial_account.refuse': {
    weight: 0.2,
    draw: about('trial_account.refuse', 'trial_account', trialIn('pending'), ({ dice }) => ({ reason: word(dice) })),
  },
  'trial_account.assign': {
    weight: 0.2,
    draw: async (drawing) => {
      const row = await some(drawing, 'trial_account')
      if (!row) return null
      return { command: 'trial_account.assign', args: { id: row.id, keeper_id: row.owner_id }, after: [row] }
    },
  },
  'trial_account.extend': {
    weight: 0.3,
    draw: about('trial_account.extend', 'trial_account', trialIn('open', 'expired'), ({ dice }) => ({
      ends_on: dayAhead(dice.whole(10, 60)),
    })),
  },
  'trial_account.close': {
    weight: 0.2,
    draw: about('trial_account.close', 'trial_account', undefined, ({ dice }) => ({ reason: word(dice) })),
  },
  'trial_account.restore': {
    weight: 0.2,
    draw: about('trial_account.restore', 'trial_account', trialIn('closed')),
  },
  'trial_account.seen': {
    weight: 0.2,
    draw: async (drawing) => {
      const row = await some(
        drawing,
        'trial_account',
        (one) => Boolean(one.login_name) && trialIn('open', 'expired')(one),
      )
      return row ? { command: 'trial_account.seen', args: { login_name: row.login_name }, after: [row] } : null
    },
  },
  'role_start_page.set': { weight: 0.2, draw: arrangesStartOfRole },
  'company.edit': { weight: 0.3, draw: edits('company', ['name', 'trial_accounts']) },
  'department.create': { weight: 0.3, draw: creates('department', ({ dice }) => ({ name: `余${word(dice)}` })) },
  'department.edit': {
    weight: 0.4,
    draw: async (drawing) => {
      const { dice, goods } = drawing
      const row = await some(drawing, 'department', spare)
      if (!row) return null
      const moved = row.parent_id ? null : goods.department
      const set = dice.chance(0.5) ? { parent_id: [row.parent_id, moved] } : { phone: [row.phone, mobile()] }
      return { command: 'department.edit', args: { id: row.id, set }, after: [row] }
    },
  },
  'department.delete': { weight: 0.15, draw: about('department.delete', 'department', spare) },
  'role.create': {
    weight: 0.2,
    draw: creates('role', ({ dice }) => ({ name: `余${word(dice)}`, permissions: { 'customer.view': 'own' } })),
  },
  'role.edit': {
    weight: 0.3,
    draw: async (drawing) => {
      const row = await some(drawing, 'role', spare)
      if (!row) return null
      const set = { description: [row.description, word(drawing.dice)] }
      return { command: 'role.edit', args: { id: row.id, set }, after: [row] }
    },
  },
  'role.grant': {
    weight: 0.3,
    draw: async ({ actor, dice }) => {
      const rows = (await actor.inView('role')).filter(spare)
      if (rows.length === 0) return null
      const set = { 'customer.view': dice.one(['own', 'all']), 'customer.export': dice.one(['own', null]) }
      const fields = { phone: dice.one(['masked', 'read', null]) }
      return { command: 'role.grant', args: { ids: rows.map((row) => row.id), set, fields }, after: rows }
    },
  },
  'role.delete': { weight: 0.1, draw: about('role.delete', 'role', spare) },
  'employee.create': {
    weight: 0.15,
    draw: creates('employee', ({ dice, goods }) => ({
      username: `u${mobile()}`,
      real_name: `余${word(dice)}`,
      department_id: goods.department,
      role_id: goods.role,
    })),
  },
  'employee.set_rights': {
    weight: 0.2,
    draw: async (drawing) => {
      const row = await some(drawing, 'employee', newcomer)
      const args = row && { ids: [row.id], role_id: drawing.goods.role }
      return args ? { command: 'employee.set_rights', args, after: [row] } : null
    },
  },
  'employee.hand_over': {
    weight: 0.2,
    draw: about('employee.hand_over', 'employee', newcomer, ({ dice, goods }) => ({
      to: dice.one(goods.employees),
      disable: dice.chance(0.3),
    })),
  },
  'phone.reveal': {
    weight: 0.3,
    draw: about(
      'phone.reveal',
      'customer',
      (row) => Boolean(row.mobile),
      () => ({
        record: 'customer',
        field: 'mobile',
      }),
    ),
  },
  'alert_rule.create': {
    weight: 0.2,
    draw: creates('alert_rule', ({ dice }) => ({
      name: `余${word(dice)}`,
      kind: 'no_visit',
      days: dice.whole(1, 3),
    })),
  },
  'alert_rule.edit': { weight: 0.1, draw: edits('alert_rule', ['name']) },
  'alert_rule.delete': { weight: 0.05, draw: about('alert_rule.delete', 'alert_rule') },
  'mail.send_many': {
    weight: 0.2,
    draw: async (drawing) => {
      const customer = await some(drawing, 'customer')
      if (!customer) return null
      const id = drawing.actor.engine.newId()
      const args = { id, account_id: NOBODYS, customer_ids: [customer.id], subject: '中秋', body: '{customer}' }
      return { command: 'mail.send_many', args, after: [customer] }
    },
  },
  'mail.stop': { weight: 0.05, draw: ({ actor }) => ({ command: 'mail.stop', args: { id: actor.engine.newId() } }) },
  ...PAPERS,
  ...FLOWS,
  'employee.edit': { weight: 0.6, draw: edits('employee', ['position', 'remark', 'office_phone']) },
}
