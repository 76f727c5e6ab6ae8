/** How many photos still fit on this phone, said before they do not. */
import { PHOTO_SIZE } from './image'

/** Fewer than these are worth a word: a long day's photos. */
export const FEW_PHOTOS = 100
/** Browsers refuse before the quota is quite used up. */
const USABLE = 0.9

/** A whole number, null where the browser does not tell. */
export async function photosThatFit(
  storage: Pick<StorageManager, 'estimate'> | undefined = globalThis.navigator?.storage,
): Promise<number | null> {
  try {
    const { usage, quota } = (await storage?.estimate()) ?? {}
    if (usage === undefined || quota === undefined) return null
    return Math.max(0, Math.floor((quota * USABLE - usage) / PHOTO_SIZE.most))
  } catch {
    return null
  }
}
