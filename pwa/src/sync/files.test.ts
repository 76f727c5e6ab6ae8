import { expect, it } from 'vitest'
import type { OutboxExport } from './export'
import { Outbox } from './outbox'
import { Photos } from './photos'
import { Phone } from './testing/phone'
import { ModelServer } from './testing/server'

const DAY = 24 * 3_600_000

async function company(): Promise<{ server: ModelServer; phone: Phone }> {
  const server = new ModelServer()
  server.customer('wang', { name: '王记超市' }, 'li')
  server.commands.set('attachment.add', () => ({}))
  const phone = new Phone(server)
  await phone.ready()
  return { server, phone }
}

const contract = new Uint8Array([1, 2, 3, 4, 5]).buffer

async function add(phone: Phone, id = 'f1', bytes: ArrayBuffer = contract): Promise<void> {
  const file = { name: `合同${id}.docx`, customer_id: 'wang' }
  await phone.engine.submit(
    'attachment.add',
    { id },
    { photos: [{ photo_id: id, sha256: `hash-${id}`, bytes, file }], about: { type: 'attachment', id } },
  )
}
const here = async (phone: Phone, id = 'f1') => (await phone.engine.file(id))?.byteLength ?? 0

it('a file waits without network, is counted apart from photos, and stays whole when the company has it', async () => {
  const { server, phone } = await company()
  phone.isOnline = false
  await add(phone)
  await phone.engine.syncNow()
  expect(phone.engine.status.value).toMatchObject({ blobs: 1, blobFiles: 1 })
  expect(await here(phone)).toBe(5)
  await phone.restart()
  phone.isOnline = true
  await phone.engine.syncNow()
  expect(server.blobs.get('hash-f1')).toBe(1)
  expect(phone.engine.status.value).toMatchObject({ blobs: 0, blobFiles: 0 })
  expect(await here(phone)).toBe(5)
})

it('a file that was opened stays for a month after the last time, and no longer', async () => {
  const { phone } = await company()
  await phone.engine.keepFile('f2', { name: 'a.txt', customer_id: 'wang' }, 'hash-f2', contract)
  phone.skew += 20 * DAY
  await phone.restart()
  expect(await here(phone, 'f2')).toBe(5)
  phone.skew += 29 * DAY
  await phone.restart()
  expect(await here(phone, 'f2')).toBe(5)
  phone.skew += 31 * DAY
  await phone.restart()
  expect(await here(phone, 'f2')).toBe(0)
  expect(phone.engine.status.value.blobs).toBe(0)
})

it('opened files make room for later ones, and never those that are still to be sent', async () => {
  const { phone } = await company()
  phone.isOnline = false
  await add(phone, 'mine', new ArrayBuffer(200))
  const outbox = new Outbox(phone.environment())
  const files = new Photos(phone.environment(), outbox, 200)
  for (const id of ['a', 'b', 'c']) {
    phone.skew += 1000
    await files.keepFile(id, { name: `${id}.zip`, customer_id: 'wang' }, `hash-${id}`, new ArrayBuffer(90))
  }
  outbox.close()
  const kept = await Promise.all(['a', 'b', 'c', 'mine'].map(async (id) => (await here(phone, id)) > 0))
  expect(kept).toEqual([false, true, true, true])
})

it('files of a customer that went to somebody else leave the phone, those to be sent when they have arrived', async () => {
  const { server, phone } = await company()
  await phone.engine.keepFile('opened', { name: 'a.txt', customer_id: 'wang' }, 'hash-o', contract)
  await add(phone, 'mine')
  server.before = ({ path }) => {
    if (path.startsWith('/media/')) throw new TypeError('cut')
    return null
  }
  await phone.engine.syncNow()
  server.desk(() => server.grant('li', 'customer:wang', false))
  await phone.engine.syncNow()
  expect(await here(phone, 'opened')).toBe(0)
  expect(await here(phone, 'mine')).toBe(5)
  server.before = () => null
  await phone.engine.syncNow()
  expect(server.blobs.get('hash-mine')).toBe(1)
  expect(await here(phone, 'mine')).toBe(0)
})

it('a colleague who signs in on this phone finds no files of others', async () => {
  const { phone } = await company()
  await phone.engine.keepFile('f2', { name: 'a.txt', customer_id: 'wang' }, 'hash-f2', contract)
  await phone.engine.loggedIn({ id: 'zhao' })
  expect(await here(phone, 'f2')).toBe(0)
})

it('what waits is exported with its own ending', async () => {
  const { phone } = await company()
  phone.isOnline = false
  await add(phone)
  const [file] = await phone.engine.exportWaiting()
  const text = await new Blob(file!.parts as BlobPart[]).text()
  expect((JSON.parse(text) as OutboxExport).photos.map(({ sha256 }) => sha256)).toEqual(['hash-f1'])
})

it('a server that was put back to a backup gets the files again that it lacks', async () => {
  const { server, phone } = await company()
  await add(phone)
  await phone.engine.keepFile('opened', { name: 'a.txt', customer_id: 'wang' }, 'hash-o', contract)
  await phone.engine.syncNow()
  server.blobs.clear()
  server.epoch = 'epoch-2'
  await phone.engine.syncNow()
  await phone.engine.syncNow()
  expect([...server.blobs.keys()]).toEqual(['hash-f1'])
  expect(await here(phone)).toBe(5)
  expect(phone.engine.status.value.blobs).toBe(0)
})
