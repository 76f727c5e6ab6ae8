import { describe, expect, it } from 'vitest'
import type { OutboxExport } from './export'
import { eventually, Killed, Phone } from './testing/phone'
import { ModelServer, problem, type Request } from './testing/server'

async function company(): Promise<{ server: ModelServer; phone: Phone }> {
  const server = new ModelServer()
  server.customer('wang', { name: '王记超市' }, 'li')
  server.commands.set('photo.attach', () => ({}))
  const phone = new Phone(server)
  await phone.ready()
  return { server, phone }
}

const hashOf = ({ method, path, headers }: Request): string =>
  method === 'POST' ? atob((headers.get('Upload-Metadata') ?? ' ').split(' ')[1]!) : path.split('/').pop()!

const isBlob = (path: string): boolean => path.startsWith('/media/')

async function shoot(phone: Phone, n = 1): Promise<void> {
  const bytes = new Uint8Array([0xff, 0xd8, n]).buffer
  const thumbnail = new Uint8Array([n]).buffer
  const photo = { photo_id: `p${n}`, sha256: `hash${n}`, bytes, thumbnail, capture: '{}', signature: 's' }
  const about = { type: 'photo', id: `p${n}` }
  await phone.engine.submit('photo.attach', { id: `p${n}`, capture: '{}' }, { photos: [photo], about })
}

/** What really stands in the outbox, read past the app. */
async function stored(phone: Phone, store: string): Promise<Record<string, unknown>[]> {
  const known = await phone.factory.databases()
  const { name } = known.find((one) => one.name?.includes('outbox'))!
  const db = await answered(phone.factory.open(name!))
  const rows = await answered(db.transaction(store).objectStore(store).getAll())
  db.close()
  return rows as Record<string, unknown>[]
}
const answered = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })

const setAside = (phone: Phone, n: number) =>
  phone.engine.submit(
    'photo.withdraw',
    { id: `p${n}` },
    { unwanted: [`p${n}`], about: { type: 'photo', id: `p${n}` } },
  )

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

  // WebKit stores a Blob as a file beside the database and loses it now and then; bytes in the row itself it does not.
  it.each(['taken', 'on the way'])('are bytes in the row itself, never a Blob, when %s', async (moment) => {
    const { server, phone } = await company()
    await shoot(phone)
    if (moment === 'on the way') {
      server.before = (request) => (isBlob(request.path) ? new Response('', { status: 503 }) : null)
      await phone.engine.syncNow()
    }
    const [row, ...others] = await stored(phone, 'bytes')
    expect(others).toEqual([])
    expect(Object.prototype.toString.call(row!.bytes)).toBe('[object ArrayBuffer]')
    expect(Object.prototype.toString.call(row!.thumbnail)).toBe('[object ArrayBuffer]')
    expect([...new Uint8Array(row!.bytes as ArrayBuffer)]).toEqual([0xff, 0xd8, 1])
    const [about] = await stored(phone, 'blobs')
    expect(Object.values(about!).filter((value) => value instanceof Blob)).toEqual([])
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
    server.before = (request) => (hashOf(request) === 'hash1' ? problem(415, 'not_an_image') : null)
    await phone.engine.syncNow()
    expect(phone.engine.status.value).toMatchObject({ blobs: 0, blobsRefused: 1 })
    expect(await phone.engine.picture('p1', 'original')).not.toBeNull()
    await phone.engine.discardPhoto('p1')
    expect(phone.engine.status.value.blobsRefused).toBe(0)
  })

  it('wait until what is said of them has been answered: the company keeps no bytes that nothing names', async () => {
    const { server, phone } = await company()
    await shoot(phone)
    server.before = (request) => (request.path.endsWith('/push') ? new Response('', { status: 500 }) : null)
    await phone.engine.syncNow()
    expect(phone.engine.status.value).toMatchObject({ blobs: 1, waiting: 1 })
    expect(server.blobs.size).toBe(0)
    server.before = null
    await phone.engine.syncNow()
    expect(server.blobs.get('hash1')).toBe(1)
  })

  it('that their taker set aside are not sent, and leave the phone when the server has said yes', async () => {
    const { server, phone } = await company()
    server.commands.set('photo.withdraw', () => ({}))
    await shoot(phone, 1)
    await shoot(phone, 2)
    await setAside(phone, 1)
    server.before = (request) => (request.path.endsWith('/push') ? new Response('', { status: 500 }) : null)
    await phone.engine.syncNow()
    expect(await phone.engine.picture('p1', 'original')).toHaveProperty('byteLength', 3)
    server.before = null
    await phone.engine.syncNow()
    expect([...server.blobs.keys()]).toEqual(['hash2'])
    expect(phone.engine.status.value).toMatchObject({ blobs: 0, blobBytes: 0, waiting: 0 })
    expect(await phone.engine.picture('p1')).toBeNull()
    expect(await phone.engine.picture('p2')).not.toBeNull()
  })

  it.each(['rejected', 'held'] as const)('are sent after all when the server has %s that', async (status) => {
    const { server, phone } = await company()
    server.commands.set('photo.withdraw', () => ({ status, code: 'no_permission' }))
    await shoot(phone)
    await setAside(phone, 1)
    await phone.engine.syncNow()
    expect(server.blobs.get('hash1')).toBe(1)
    expect(phone.engine.status.value).toMatchObject({ blobs: 0, needsYou: 1 })
    expect(await phone.engine.picture('p1')).not.toBeNull()
  })

  it('set aside are gone also when the phone dies with the answer in its hand', async () => {
    const { server, phone } = await company()
    server.commands.set('photo.withdraw', () => ({}))
    await shoot(phone)
    await setAside(phone, 1)
    server.afterwards = (request, response) => {
      if (request.path.endsWith('/push')) throw new TypeError('lost')
      return response
    }
    await phone.engine.syncNow()
    server.afterwards = null
    await phone.restart()
    await phone.engine.syncNow()
    expect(server.blobs.size).toBe(0)
    expect(await phone.engine.picture('p1', 'original')).toBeNull()
    expect(phone.engine.status.value.blobs).toBe(0)
  })

  it('go up two at a time until the line is known to be fast', async () => {
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

const PIECE = 128 * 1024

/** A photo whose hash is true, of some pieces of the first size. */
async function large(phone: Phone, pieces: number, name = 'big'): Promise<string> {
  const bytes = new Uint8Array(pieces * PIECE).map((_, at) => at * 31 + name.length).buffer
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
  const sha256 = [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('')
  await phone.engine.submit('photo.attach', { id: name }, { photos: [{ photo_id: name, sha256, bytes }] })
  return sha256
}

describe('an upload over a bad network', () => {
  it('is cut in the middle and goes on where it was: no more than one piece is sent twice', async () => {
    const { server, phone } = await company()
    const hash = await large(phone, 6)
    let arrived = 0
    server.before = (request) => {
      if (!isBlob(request.path)) return null
      arrived += request.bytes().length
      if (request.method === 'PATCH') throw new TypeError('cut')
      return null
    }
    await phone.engine.syncNow()
    expect(server.uploads.get(hash)).toEqual({ length: 6 * PIECE, bytes: PIECE })
    expect((await phone.engine.photoItems())[0]).toMatchObject({ state: 'waiting', sent: PIECE })
    server.before = (request) => {
      if (isBlob(request.path)) arrived += request.bytes().length
      return null
    }
    await phone.restart()
    await phone.engine.syncNow()
    expect(server.blobs.get(hash)).toBe(1)
    const cut = arrived - 6 * PIECE
    expect(cut).toBeGreaterThan(0)
    expect(cut).toBeLessThanOrEqual(2 * 1024 * 1024)
    expect(phone.engine.status.value.blobs).toBe(0)
  })

  it.each([
    [404, 'upload_missing'],
    [409, 'upload_offset'],
    [423, 'upload_locked'],
    [460, 'checksum_mismatch'],
    [400, 'body_cut'],
  ])('asks anew where it is after %i', async (status, code) => {
    const { server, phone } = await company()
    const hash = await large(phone, 4)
    let once = 1
    server.before = (request) => {
      if (request.method !== 'PATCH' || once-- <= 0) return null
      if (status === 404) server.uploads.clear()
      return problem(status, code)
    }
    await phone.engine.syncNow()
    expect(server.blobs.get(hash)).toBe(1)
    expect(phone.engine.status.value.blobs).toBe(0)
  })

  it('is tried again when its bytes were damaged on the way, and given up when they are damaged here', async () => {
    const { server, phone } = await company()
    const good = await large(phone, 1)
    await shoot(phone, 1) // whose hash is not that of its bytes
    server.before = (request) => (isBlob(request.path) ? problem(422, 'hash_mismatch') : null)
    await phone.engine.syncNow()
    const states = new Map((await phone.engine.photoItems()).map((blob) => [blob.sha256, blob.state]))
    expect(states).toEqual(
      new Map([
        [good, 'waiting'],
        ['hash1', 'refused'],
      ]),
    )
    expect(await phone.engine.picture('big', 'original')).not.toBeNull()
  })

  it('is not believed when the answer does not say how much is there', async () => {
    const { server, phone } = await company()
    await shoot(phone)
    server.before = (request) => (isBlob(request.path) ? new Response(null, { status: 204 }) : null)
    await phone.engine.syncNow()
    expect(phone.engine.status.value.blobs).toBe(1)
    expect(await phone.engine.picture('p1', 'original')).not.toBeNull()
  })

  it('of bytes that are there already sends none of them', async () => {
    const { server, phone } = await company()
    const hash = await large(phone, 6)
    server.blobs.set(hash, 1)
    let sent = 0
    server.before = (request) => {
      if (request.method === 'PATCH') sent += request.bytes().length
      return null
    }
    await phone.engine.syncNow()
    expect(sent).toBe(0)
    expect(phone.engine.status.value.blobs).toBe(0)
  })

  it('lets a push go first', async () => {
    const { server, phone } = await company()
    const order: string[] = []
    await large(phone, 4)
    let release = (): void => {}
    let pushed = (): void => {}
    const pushing = new Promise<void>((resolve) => (pushed = resolve))
    server.before = async (request) => {
      if (request.path === '/sync/v1/push') {
        pushed()
        await new Promise<void>((resolve) => (release = resolve))
        order.push('push')
      }
      if (isBlob(request.path)) order.push('piece')
      return null
    }
    const engine = await phone.restart()
    const round = engine.syncNow()
    await pushing
    const photos = (engine as unknown as { leader: { uploadPhotos(): Promise<unknown> } }).leader.uploadPhotos()
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(order).toEqual([])
    release()
    await Promise.all([round, photos])
    expect(order[0]).toBe('push')
    expect(order).toContain('piece')
  })
})

describe('photos by Wi-Fi only', () => {
  it('wait on a mobile network, go on by Wi-Fi, and by any when the user says so; ops are not held', async () => {
    const { server, phone } = await company()
    phone.engine.stop()
    phone.network = 'cellular'
    const engine = await phone.start({ manual: false })
    await engine.setPhotoNetwork('wifi')
    await shoot(phone, 1)
    await eventually(() => engine.status.value.photosHeld === 'mobile' && engine.status.value.waiting === 0)
    expect(server.blobs.size).toBe(0)
    phone.network = 'wifi'
    for (const heard of phone.signals) heard('connection')
    await eventually(() => engine.status.value.blobs === 0 && engine.status.value.photosHeld === null)
    expect(server.blobs.size).toBe(1)

    phone.network = 'cellular'
    await shoot(phone, 2)
    await eventually(() => engine.status.value.photosHeld === 'mobile')
    engine.sendPhotosNow()
    await eventually(() => server.blobs.size === 2 && engine.status.value.blobs === 0)
    await shoot(phone, 3)
    await eventually(() => engine.status.value.photosHeld === 'mobile')
    expect(server.blobs.size).toBe(2)
    engine.stop()
  })

  it('stop in the middle of a photo when the phone leaves the Wi-Fi', async () => {
    const { server, phone } = await company()
    phone.network = 'wifi'
    await phone.engine.setPhotoNetwork('wifi')
    const hash = await large(phone, 6)
    server.afterwards = (request, response) => {
      if (isBlob(request.path)) phone.network = 'cellular'
      return response
    }
    await phone.engine.syncNow()
    expect(server.uploads.get(hash)).toEqual({ length: 6 * PIECE, bytes: PIECE })
    expect(phone.engine.status.value).toMatchObject({ photosHeld: 'mobile', blobs: 1 })
    server.afterwards = null
    phone.network = 'wifi'
    await phone.engine.syncNow()
    expect(server.blobs.get(hash)).toBe(1)
  })

  it('wait for the user where the browser does not tell networks apart', async () => {
    const { server, phone } = await company()
    expect(phone.engine.tellsNetworks).toBe(false)
    await shoot(phone, 1)
    await phone.engine.setPhotoNetwork('manual')
    await phone.engine.syncNow()
    expect(phone.engine.status.value.photosHeld).toBe('manual')
    await phone.engine.setPhotoNetwork('wifi')
    await phone.engine.syncNow()
    expect(phone.engine.status.value.photosHeld).toBe('unknown')
    expect(server.blobs.size).toBe(0)
    await phone.engine.setPhotoNetwork('any')
    await phone.engine.syncNow()
    expect(server.blobs.size).toBe(1)
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
