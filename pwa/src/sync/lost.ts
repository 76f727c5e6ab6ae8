/** What else this phone has about customers it may not hold any more: answers kept for looking at without network,
 * pictures and files; half-filled forms are told apart when they are opened. Rows go with the page that says so (`rebase.ts`); this follows, and is done again at every
 * start, so that a tab killed in between leaves nothing behind. Unsent work stays and is delivered. */

import type { Cache } from './cache'
import type { Draft, Outbox } from './outbox'
import type { Pictures } from './pictures'
import type { BlobEntry } from './types'

interface Places {
  cache: Cache
  outbox: Outbox
  pictures: Pictures | null
}

export async function forgetLost({ cache, outbox, pictures }: Places, roots: readonly string[]): Promise<void> {
  const ids = idsOf(roots)
  if (ids.size === 0) return
  await dropAnswers(cache, ids)
  if (pictures) await dropPictures(cache, pictures)
  await outbox.transaction(async () => {
    const about = await outbox.blobs.filter((blob) => ids.has(customerOf(blob) ?? '')).toArray()
    const done = about.filter(({ state }) => state === 'done').map(({ photo_id }) => photo_id)
    await outbox.blobs.bulkDelete(done)
    await outbox.bytes.bulkDelete(done)
    // Still to be sent: the picture leaves when the company has it.
    await outbox.blobs.bulkPut(about.filter(({ state }) => state !== 'done').map((blob) => ({ ...blob, lost: 1 })))
  })
}

/** A picture does not say whose it is, so all of photos that are not on this phone go, those of other people's customers
 * that were looked at online among them: they come again with the next look. */
async function dropPictures(cache: Cache, pictures: Pictures): Promise<void> {
  const ids = await pictures.ids()
  const rows = cache.types.has('photo') ? await cache.guard(() => cache.table('photo').bulkGet(ids)) : []
  await pictures.drop(ids.filter((_id, n) => rows[n] === undefined))
}

/** Whether a half-filled form is about one of these roots. */
export function isAbout(draft: Draft, roots: readonly string[]): boolean {
  return mentions(`${draft.key} ${JSON.stringify(draft.value)}`, idsOf(roots))
}

const idsOf = (roots: readonly string[]) => new Set(roots.map((root) => root.slice(root.indexOf(':') + 1)))

async function dropAnswers(cache: Cache, ids: ReadonlySet<string>): Promise<void> {
  await cache.guard(async () => {
    const answers = await cache.answers.toArray()
    const about = answers.filter(({ key, value }) => mentions(`${key} ${JSON.stringify(value)}`, ids))
    await cache.answers.bulkDelete(about.map(({ key }) => key))
  })
}

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g

/** Whether a text names one of these ids. Ids are found by their look: looking for each of 500 would take too long. */
function mentions(text: string, ids: ReadonlySet<string>): boolean {
  return (text.match(UUID) ?? []).some((id) => ids.has(id))
}

function customerOf({ capture, file }: BlobEntry): string | null {
  if (file) return file.customer_id
  if (capture === null) return null
  try {
    const { customer_id } = JSON.parse(capture) as { customer_id?: unknown }
    return typeof customer_id === 'string' ? customer_id : null
  } catch {
    return null
  }
}
