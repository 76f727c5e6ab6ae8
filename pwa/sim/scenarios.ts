/** Plain stories: the app's engine against the real server, one thing at a time. */
import assert from 'node:assert/strict'
import { editOf } from '@/areas/edits'
import { needsOf } from '@/areas/needs'
import type { OutboxOp, Row } from '@/sync/types'
import { Actor } from './actor'
import { takePhoto } from './camera'
import { checkAlways, checkQuiet } from './check'
import { CALM } from './line'
import { ask, tell, type Cast } from './stage'

type Scenario = (stage: Stage) => Promise<void>

let mobile = 13_700_000_000

class Stage {
  private readonly actors: Actor[] = []
  constructor(
    readonly cast: Cast,
    private readonly title: string,
  ) {}

  /** A phone of its own for this story, signed in and filled. */
  async phone(username: string): Promise<Actor> {
    const actor = new Actor(this.cast, username, `${username} in "${this.title}" (${this.actors.length})`)
    await actor.settle()
    this.actors.push(actor)
    return actor
  }

  /** Everything delivered, and every device equal to the company. */
  async quiet(...actors: Actor[]): Promise<void> {
    for (const actor of actors) await actor.engine.syncNow()
    const access = await ask('access')
    for (const actor of actors) {
      await actor.engine.syncNow()
      assert.deepEqual([...(await checkAlways(actor)), ...(await checkQuiet(actor, access)).problems], [])
    }
    const ledger = [...new Set(this.actors.map((actor) => actor.book))].flatMap((book) => [...book.values()])
    assert.deepEqual(await ask('audit', { ledger }), [])
  }
}

/** Each with a name and number of its own: two of a name are a duplicate, which is another story. */
const newShop = async (actor: Actor, name = '王记超市'): Promise<string> => {
  const id = actor.engine.newId()
  await actor.submit('customer.create', {
    id,
    values: { name: `${name} ${++mobile}`, mobile: String(mobile), geo_lat: 36.0671, geo_lng: 120.3826 },
  })
  return id
}

const shown = async (actor: Actor, type: string, id: string): Promise<Row> => {
  const row = await actor.engine.get(type, id)
  assert.ok(row, `${type} ${id} is not on the phone of ${actor.name}`)
  return row
}

async function edit(actor: Actor, type: string, id: string, changes: Record<string, unknown>): Promise<OutboxOp> {
  const row = await shown(actor, type, id)
  return actor.submit(`${type}.edit`, { id, set: editOf(row, changes) }, { needs: needsOf(row) })
}

async function results(actor: Actor): Promise<Record<string, string>> {
  return Object.fromEntries([...actor.book.values()].map((entry) => [entry.command, `${entry.status}/${entry.code}`]))
}

async function rejects(what: Promise<unknown>, code: string): Promise<void> {
  await assert.rejects(what, (error: { code?: string }) => error.code === code)
}

const SCENARIOS: Record<string, Scenario> = {
  async 'a phone is filled, works offline, delivers and shows what the company has'(stage) {
    const rep = await stage.phone('rep')
    assert.ok((await rep.engine.rows('option')).length > 20)
    assert.equal((await rep.engine.rows('company')).length, 1)
    rep.isOnline = false
    const shop = await newShop(rep)
    await edit(rep, 'customer', shop, { name: '王记大超市', remark: '老板娘姓林' })
    await rep.restart()
    assert.equal((await shown(rep, 'customer', shop)).name, '王记大超市')
    assert.equal((await shown(rep, 'customer', shop)).rev, 0)
    rep.isOnline = true
    await rep.engine.syncNow()
    const there = await shown(rep, 'customer', shop)
    assert.equal(there.name, '王记大超市')
    assert.match(String(there.customer_no), /^CT/)
    assert.deepEqual(await rep.engine.outboxItems(), [])
    await stage.quiet(rep)
  },

  async 'an own edit never flickers, whatever the network does'(stage) {
    const rep = await stage.phone('rep')
    const shop = await newShop(rep)
    await rep.engine.syncNow()
    const seen = new Set<unknown>()
    await edit(rep, 'customer', shop, { address: '香港中路 8 号' })
    rep.engine.onChanges(() => void rep.engine.get('customer', shop).then((row) => seen.add(row?.address)))
    for (const weather of [{ unanswered: 1 }, { lost: 1 }, { twice: 1 }, {}]) {
      rep.bad({ ...CALM, ...weather })
      await rep.engine.syncNow()
    }
    await rep.line.drain()
    rep.calm()
    await stage.quiet(rep)
    assert.deepEqual([...seen], ['香港中路 8 号'])
  },

  async 'two people change one field: both see the conflict, and its decision'(stage) {
    const rep = await stage.phone('rep')
    const clerk = await stage.phone('clerk')
    const shop = await newShop(rep)
    await rep.engine.syncNow()
    const before = await shown(rep, 'customer', shop)
    await clerk.do('customer.edit', { id: shop, set: editOf(before, { address: '台东三路', remark: '要发票' }) })
    await edit(rep, 'customer', shop, { address: '中山路', remark: '周一送货' })
    await rep.engine.syncNow()
    assert.equal((await results(rep))['customer.edit'], 'conflict/changed_meanwhile')
    const row = await shown(rep, 'customer', shop)
    assert.equal(row.address, '台东三路')
    assert.equal(row.remark, '要发票\n周一送货')
    const [conflict] = await rep.engine.rows('conflict', { index: 'customer_id', value: shop })
    assert.deepEqual([conflict?.mine, conflict?.theirs, conflict?.state], ['中山路', '台东三路', 'open'])
    assert.equal((await rep.engine.needsYou()).length, 1)
    await rep.submit('conflict.resolve', { id: conflict!.id, resolution: 'mine' })
    assert.equal((await shown(rep, 'customer', shop)).address, '中山路')
    await stage.quiet(rep, clerk)
    assert.equal((await shown(rep, 'customer', shop)).address, '中山路')
  },

  async 'held, adjusted and rejected: each is told, and the phone shows what really is'(stage) {
    const rep = await stage.phone('rep')
    const boss = await stage.phone('boss')
    const product = boss.engine.newId()
    const [unit] = (await boss.listed('option')).values()
    assert.ok(unit)
    const units = [...(await boss.listed('option')).values()].filter((option) => option.list_name === 'unit')
    await boss.do('product.create', { id: product, values: { name: '纯生', unit_id: units[0]!.id, price: '12.00' } })
    const shop = await newShop(rep)
    await rep.engine.syncNow()
    await boss.do('customer.edit', { id: shop, set: { credit_limit: [null, '100.00'] } })
    const line = { id: rep.engine.newId(), product_id: product, quantity: '100', price: '10.00' }
    const order = rep.engine.newId()
    await rep.submit('order.place', { id: order, customer_id: shop, lines: [line] })
    const payment = { order_id: order, amount: '5000.00', paid_at: new Date().toISOString() }
    await rep.submit('payment.record', { id: rep.engine.newId(), ...payment })
    await edit(rep, 'customer', shop, { mobile: '没有号码' })
    await rep.engine.syncNow()
    const said = await results(rep)
    assert.match(said['order.place']!, /^held\/|^adjusted\//)
    assert.match(said['payment.record']!, /^adjusted\//)
    assert.match(said['customer.edit']!, /^rejected\//)
    await stage.quiet(rep)
    assert.equal((await rep.engine.needsYou()).length, 3)
    assert.ok((await shown(rep, 'order', order)).order_no)
    for (const op of await rep.engine.needsYou()) {
      if (op.result?.status === 'rejected') await rep.engine.discard(op.id)
      else await rep.engine.dismiss(op.id)
    }
    assert.deepEqual(await rep.engine.outboxItems(), [])
  },

  async 'a photo of the camera goes up and is believed'(stage) {
    const rep = await stage.phone('rep')
    const shop = await newShop(rep)
    await rep.engine.syncNow()
    const visit = rep.engine.newId()
    const place = { lat: 36.0672, lng: 120.3826, accuracy: 8 }
    await rep.submit('visit.check_in', { id: visit, customer_id: shop, at: new Date().toISOString(), ...place })
    assert.ok(rep.engine.timeAnchor().token)
    await new Promise((resolve) => setTimeout(resolve, 20))
    const { args, photos } = await takePhoto(rep, visit, shop)
    await rep.submit('photo.attach', args, { photos })
    const captureId = args.id
    rep.bad({ ...CALM, unanswered: 0.5, twice: 0.5 })
    for (let round = 0; round < 8; round++) await rep.engine.syncNow()
    rep.calm()
    await rep.restart()
    await rep.engine.syncNow()
    assert.deepEqual(
      (await rep.engine.photoItems()).map((blob) => blob.state),
      ['done'],
    )
    let row = await shown(rep, 'photo', captureId)
    for (let wait = 0; wait < 100 && !['verified', 'suspect', 'unverified'].includes(String(row.verdict)); wait++) {
      await new Promise((resolve) => setTimeout(resolve, 100))
      await rep.engine.syncNow()
      row = await shown(rep, 'photo', captureId)
    }
    assert.deepEqual([row.verdict, row.reasons], ['verified', []])
    await stage.quiet(rep)
  },

  async 'the session ends: everything waits, and goes out after the next login'(stage) {
    const rep = await stage.phone('rep')
    const cookie = rep.line.cookie
    const shop = await newShop(rep)
    await rep.line.json('POST', '/api/logout')
    rep.line.cookie = cookie
    await rep.engine.syncNow()
    assert.equal(rep.engine.status.value.state, 'needs_login')
    await shown(rep, 'customer', shop)
    await rep.signIn()
    await stage.quiet(rep)
    assert.match(String((await shown(rep, 'customer', shop)).customer_no), /^CT/)
  },

  async 'a revoked device is wiped; what it still delivers is put aside'(stage) {
    const rep = await stage.phone('rep')
    const boss = await stage.phone('boss')
    await newShop(rep)
    await boss.do('device.revoke', { id: rep.device })
    await rep.engine.syncNow()
    assert.equal(rep.engine.status.value.state, 'revoked')
    assert.equal((await rep.engine.rows('option')).length, 0)
    assert.equal((await results(rep))['customer.create'], 'held/quarantined')
    const waiting = await rep.engine.outboxItems()
    assert.equal(waiting.length, 1)
    await rejects(rep.signIn(), 'device_revoked')
  },

  async 'two tabs over one store push and pull at the same time'(stage) {
    const rep = await stage.phone('rep')
    const tab = rep.tab()
    await tab.start()
    const shop = await newShop(rep)
    await Promise.all([rep.engine.syncNow(), tab.engine.syncNow()])
    await edit(tab, 'customer', shop, { address: '一' })
    await edit(rep, 'customer', shop, { address: '二' })
    rep.bad({ ...CALM, slow: 0.5, twice: 0.3 })
    tab.bad({ ...CALM, slow: 0.5, twice: 0.3 })
    for (let round = 0; round < 4; round++) {
      await Promise.all([rep.engine.syncNow(), tab.engine.syncNow(), newShop(tab), newShop(rep)])
    }
    rep.calm()
    tab.calm()
    await stage.quiet(rep, tab)
    assert.equal((await shown(rep, 'customer', shop)).address, '二')
  },

  async 'a customer changes hands: gone here, complete there, work in between kept for the new owner'(stage) {
    const rep = await stage.phone('rep')
    const other = await stage.phone('rep2')
    const clerk = await stage.phone('clerk')
    const shop = await newShop(rep)
    const contact = rep.engine.newId()
    await rep.submit('contact.create', { id: contact, values: { customer_id: shop, name: '林姐' } })
    await rep.engine.syncNow()
    await clerk.do('customer.assign', { ids: [shop], owner_id: other.employee })
    await edit(rep, 'customer', shop, { address: '太平路' })
    const visit = rep.engine.newId()
    await rep.submit('visit.check_in', { id: visit, customer_id: shop, at: new Date().toISOString() })
    await rep.engine.syncNow()
    await other.engine.syncNow()
    const said = await results(rep)
    assert.equal(said['customer.edit'], 'conflict/not_yours_any_more')
    assert.match(said['visit.check_in']!, /^(applied|adjusted|merged)/)
    for (const type of ['customer', 'contact', 'visit']) {
      const id = { customer: shop, contact, visit }[type]!
      assert.equal(await rep.engine.get(type, id), undefined)
      await shown(other, type, id)
    }
    const [conflict] = await other.engine.rows('conflict', { index: 'customer_id', value: shop })
    assert.equal(conflict?.mine, '太平路')
    await stage.quiet(rep, other)
    await clerk.do('contact.delete', { id: contact })
    await clerk.do('customer.assign', { ids: [shop], owner_id: rep.employee })
    await stage.quiet(rep, other)
    assert.equal(await rep.engine.get('contact', contact), undefined)
  },

  async 'lost and regained between two pulls: what was deleted meanwhile is gone'(stage) {
    const rep = await stage.phone('rep')
    const clerk = await stage.phone('clerk')
    const other = await stage.phone('rep2')
    const shop = await newShop(rep)
    const contact = rep.engine.newId()
    await rep.submit('contact.create', { id: contact, values: { customer_id: shop, name: '林姐' } })
    await rep.engine.syncNow()
    await clerk.do('customer.assign', { ids: [shop], owner_id: other.employee })
    await clerk.do('contact.delete', { id: contact })
    await clerk.do('customer.assign', { ids: [shop], owner_id: rep.employee })
    await stage.quiet(rep)
    assert.equal(await rep.engine.get('contact', contact), undefined)
  },

  async 'a shared phone: each sees and sends only what is his'(stage) {
    const phone = await stage.phone('rep')
    const first = await newShop(phone, '张三的店')
    await phone.engine.syncNow()
    phone.isOnline = false
    const unsent = await newShop(phone, '没发出去的店')
    await phone.engine.loggedOut()
    phone.isOnline = true
    await phone.signIn('rep2')
    await phone.engine.syncNow()
    assert.equal(await phone.engine.get('customer', first), undefined)
    assert.equal(await phone.engine.get('customer', unsent), undefined)
    assert.equal(phone.engine.status.value.waitingOthers, 1)
    const second = await newShop(phone, '李四的店')
    await phone.engine.syncNow()
    assert.equal((await shown(phone, 'customer', second)).owner_id, phone.employee)
    await phone.engine.loggedOut()
    await phone.signIn('rep')
    await stage.quiet(phone)
    assert.equal((await shown(phone, 'customer', unsent)).owner_id, phone.employee)
    assert.equal(await phone.engine.get('customer', second), undefined)
  },

  async 'rights that are taken away leave the device, too'(stage) {
    const rep = await stage.phone('stranger')
    const boss = await stage.phone('boss')
    const shop = await newShop(rep)
    const visit = rep.engine.newId()
    await rep.submit('visit.check_in', { id: visit, customer_id: shop, at: new Date().toISOString() })
    await rep.engine.syncNow()
    const roles = await boss.listed('role')
    const role = roles.get(String(rep.account.employee.role_id))!
    const all = Object.entries(role.permissions as Record<string, string>)
    const fewer = Object.fromEntries(all.filter(([name]) => name !== 'visit.view'))
    await boss.do('role.edit', { id: role.id, set: { permissions: [role.permissions, fewer] } })
    await rep.signIn()
    await rep.engine.syncNow()
    assert.equal(await rep.engine.get('visit', visit), undefined)
    await boss.do('role.edit', { id: role.id, set: { permissions: [fewer, role.permissions] } })
    await rep.signIn()
    await stage.quiet(rep)
    await shown(rep, 'visit', visit)
  },

  async 'the server dies in the middle of a push'(stage) {
    const rep = await stage.phone('rep')
    for (let round = 0; round < 2; round++) {
      const shop = await newShop(rep)
      await edit(rep, 'customer', shop, { address: `第${round}号` })
      rep.line.onPush = () => setTimeout(() => void ask('kill'), 5 + round * 20)
      await rep.engine.syncNow()
      rep.line.onPush = null
      await ask('kill')
      await ask('start')
      await rep.engine.syncNow()
      assert.equal((await shown(rep, 'customer', shop)).address, `第${round}号`)
    }
    await stage.quiet(rep)
    assert.deepEqual(await rep.engine.outboxItems(), [])
  },

  async 'restored from a backup: everything that was acknowledged since comes back from the phones'(stage) {
    const rep = await stage.phone('rep')
    const other = await stage.phone('rep2')
    const clerk = await stage.phone('clerk')
    const [kept, given] = [await newShop(rep), await newShop(rep)]
    const contact = rep.engine.newId()
    await rep.submit('contact.create', { id: contact, values: { customer_id: kept, name: '林姐' } })
    await stage.quiet(rep, other, clerk)
    await ask('backup')
    const fresh = await newShop(rep, '备份之后的店')
    await edit(rep, 'customer', kept, { address: '中山路' })
    await clerk.submit('contact.delete', { id: contact })
    const others = await newShop(other, '同事的新店')
    await stage.quiet(rep, other, clerk)
    await clerk.submit('customer.assign', { ids: [given], owner_id: other.employee })
    await clerk.engine.syncNow()
    await other.engine.syncNow()
    await edit(other, 'customer', given, { address: '太平路' })
    await stage.quiet(rep, other, clerk)
    assert.equal(await rep.engine.get('customer', given), undefined)
    assert.equal(await rep.engine.get('contact', contact), undefined)

    await ask('restore')
    for (const actor of [rep, other, clerk]) {
      for (const entry of actor.book.values()) entry.restored = true
    }
    for (let round = 0; round < 2; round++) for (const actor of [rep, clerk, other]) await actor.engine.syncNow()
    await stage.quiet(rep, other, clerk)
    assert.equal((await shown(rep, 'customer', kept)).address, '中山路')
    await shown(rep, 'customer', fresh)
    await shown(other, 'customer', others)
    assert.equal(await rep.engine.get('contact', contact), undefined)
    assert.equal(await rep.engine.get('customer', given), undefined)
    await shown(other, 'customer', given)
    // On PostgreSQL a minute before the backup counts as uncertain.
    assert.ok((await rep.engine.restored())!.sent >= 2)
  },
}

export async function playScenarios(cast: Cast): Promise<void> {
  const only = cast.seed
  for (const [title, play] of Object.entries(SCENARIOS)) {
    if (only !== '' && !title.includes(only)) continue
    const started = Date.now()
    try {
      await play(new Stage(cast, title))
      console.error(`ok      ${title} (${Date.now() - started} ms)`)
    } catch (error) {
      console.error(`FAILED  ${title}\n${error instanceof Error ? error.stack?.slice(0, 2500) : String(error)}`)
      tell({ problems: [`${title}: ${error instanceof Error ? error.message : String(error)}`] })
    }
  }
  tell({ figures: { scenarios: Object.keys(SCENARIOS).length } })
}
