import { describe, expect, it } from 'vitest'
import type { OutboxExport } from './export'
import { Killed, Phone } from './testing/phone'
import { ModelServer, problem } from './testing/server'

async function company(): Promise<{ server: ModelServer; phone: Phone }> {
  const server = new ModelServer()
  server.customer('wang', { name: '王记超市' }, 'li')
  server.commands.set('photo.attach', () => ({}))
  const phone = new Phone(server)
  await phone.ready()
  return { server, phone }
}

const isBlob = (path: string): boolean => path.startsWith('/media/')

async function shoot(phone: Phone, n = 1): Promise<void> {
  const bytes = new Uint8Array([0xff, 0xd8, n]).buffer
  const thumbnail = new Uint8Array([n]).buffer
  const photo = { photo_id: `p${n}`, sha256: `hash${n}`, bytes, thumbnail, capture: '{}', signature: 's' }
  await phone.engine.submit('photo.attach', { id: `p${n}`, capture: '{}' }, { photos: [photo] })
}

describe('photos', () => {
  it('are seen at once, leave the phone when the server has them, and stay visible as thumbnails', async () => {
    const { server, phone } = await company()
    await shoot(phone)
    expect(phone.engine.status.value).toMatchObject({ blobs: 1, blobBytes: 3 })
    expect(await phone.engine.picture('p1')).toHaveProperty('byteLength', 1)
    expect(await phone.engine.picture('p1', 'original')).toHaveProperty('byteLength', 3)
    await phone.engine.syncNow()
    expect(server.blobs.get('hash1')).toBe(1)
    expect(phone.engine.status.value).toMatchObject({ blobs: 0, blobBytes: 0 })
    expect(await phone.engine.picture('p1', 'original')).toBeNull()
    expect(await phone.engine.picture('p1')).toHaveProperty('byteLength', 1)
  })

  it('never hold up ops', async () => {
    const { server, phone } = await company()
    await shoot(phone)
    server.before = (request) => (isBlob(request.path) ? new Response('', { status: 503 }) : null)
    await phone.engine.syncNow()
    expect(phone.engine.status.value).toMatchObject({ state: 'idle', waiting: 0, blobs: 1 })
  })

  it('whose answer got lost are asked for before they are sent again', async () => {
    const { server, phone } = await company()
    await shoot(phone)
    server.afterwards = (request, response) => {
      if (isBlob(request.path)) throw new TypeError('lost')
      return response
    }
    await phone.engine.syncNow()
    expect(phone.engine.status.value.blobs).toBe(1)
    server.afterwards = null
    await phone.engine.syncNow()
    expect(phone.engine.status.value.blobs).toBe(0)
    expect(server.blobs.get('hash1')).toBe(1)
  })

  it.each(['blob:before', 'blob:answered', 'blob:stored'])('survive a kill at %s', async (point) => {
    const { server, phone } = await company()
    await shoot(phone)
    phone.killAt = point
    await expect(phone.engine.syncNow()).rejects.toThrow(Killed)
    await phone.restart()
    await phone.engine.syncNow()
    expect(server.blobs.has('hash1')).toBe(true)
    expect(phone.engine.status.value.blobs).toBe(0)
  })

  it('the server refuses are shown and can be given up', async () => {
    const { server, phone } = await company()
    await shoot(phone, 1)
    await shoot(phone, 2)
    server.before = (request) => (request.path.endsWith('hash1') ? problem(415, 'not_an_image') : null)
    await phone.engine.syncNow()
    expect(phone.engine.status.value).toMatchObject({ blobs: 0, blobsRefused: 1 })
    expect(await phone.engine.picture('p1', 'original')).not.toBeNull()
    await phone.engine.discardPhoto('p1')
    expect(phone.engine.status.value.blobsRefused).toBe(0)
  })

  it('go up two at a time', async () => {
    const { server, phone } = await company()
    for (let n = 1; n <= 5; n++) await shoot(phone, n)
    let now = 0
    let most = 0
    server.before = async (request) => {
      if (!isBlob(request.path)) return null
      most = Math.max(most, ++now)
      await new Promise((resolve) => setTimeout(resolve, 5))
      now -= 1
      return null
    }
    await phone.engine.syncNow()
    expect(most).toBe(2)
    expect(server.blobs.size).toBe(5)
  })
})

describe('the way out of a phone that cannot sync', () => {
  it('is a file with everything that waits, photos included', async () => {
    const { phone } = await company()
    await phone.engine.submit('customer.edit', { id: 'wang', set: { name: ['王记超市', '王记'] } })
    await shoot(phone, 1)
    await shoot(phone, 2)
    const [main, ...beside] = await phone.engine.exportWaiting()
    const file = JSON.parse(main!.parts.join('')) as OutboxExport
    expect(main!.name).toMatch(/^xunke-\d{4}-\d\d-\d\d-[0-9a-f]{6}\.json$/)
    expect(file).toMatchObject({ format: 'xunke-outbox', version: 2, employee: { id: 'li', name: 'li' } })
    expect(file.device.id).toBe(phone.engine.device.device)
    expect(file.ops.map((op) => op.command)).toEqual(['customer.edit', 'photo.attach', 'photo.attach'])
    expect(file.photos.map((photo) => [photo.sha256, photo.bytes])).toEqual([
      ['hash1', '/9gB'],
      ['hash2', '/9gC'],
    ])
    expect(beside).toEqual([])
  })
})
