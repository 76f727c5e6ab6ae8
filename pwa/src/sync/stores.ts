/** Opens both databases and puts the parts of the engine together. */

import { Cache } from './cache'
import type { Changes } from './changes'
import type { Clock } from './clock'
import { Digester } from './digest'
import type { Environment } from './environment'
import { storageCode } from './errors'
import { Filler } from './fill'
import { deviceKeys, type DeviceKeys } from './keys'
import { Outbox } from './outbox'
import { Photos } from './photos'
import { Puller } from './pull'
import { Pusher } from './push'
import { Rebase } from './rebase'
import type { Reducers } from './reducers'
import type { Declarations } from './types'

export interface Stores {
  outbox: Outbox
  cache: Cache
  rebase: Rebase
  photos: Photos
  pusher: Pusher
  puller: Puller
  digester: Digester
  keys: DeviceKeys
}

export interface StoreOptions {
  declarations: Declarations
  reducers: Reducers
  newId: () => string
  clock: Clock
  employee: () => string
  publish: (changes: Changes) => void
}

/** Throws SyncError or a browser's storage error when the phone cannot store. */
export async function openStores(env: Environment, options: StoreOptions): Promise<Stores> {
  const { declarations, clock } = options
  options.reducers.declare(declarations)
  const outbox = new Outbox(env)
  await outbox.open()
  const cache = new Cache(env, declarations)
  try {
    await cache.open()
  } catch (error) {
    // The cache is disposable: one that cannot be opened (damaged, or left by a newer build) is made anew.
    if (storageCode(error) === 'storage_full') throw error
    await cache.recreate()
  }
  const keys = await deviceKeys(env, outbox, options.newId)
  const rebase = new Rebase(env, { ...options, cache, outbox, schema: declarations.schema })
  return {
    outbox,
    cache,
    rebase,
    keys,
    photos: new Photos(env, outbox),
    pusher: new Pusher(env, outbox, declarations.schema),
    puller: new Puller(env, cache, rebase, new Filler(env, cache, rebase), clock, declarations.schema),
    digester: new Digester(env, cache, rebase, clock),
  }
}
