/** The inbox as this device holds it: also without network. */
import { computed, type ComputedRef } from 'vue'
import { useRouter, type Router } from 'vue-router'
import { layout } from '@/app/appearance'
import { useTable } from '../tables'
import { submit, useEngine } from '@/sync/vue'
import { placeOf, type Notification } from './kinds'

/** As many as one command takes. */
const MOST_AT_ONCE = 500

/** The inbox with what is unread alone. */
export const UNREAD = { path: '/inbox', query: { show: 'unread' } }

/** Newest first; undefined while they are being read. */
export function useInbox(): ComputedRef<Notification[] | undefined> {
  const table = useTable<Notification>('notification')
  return computed(() =>
    table.value
      ? [...table.value.values()].sort((a, b) =>
          a.created_at === b.created_at ? (a.id < b.id ? 1 : -1) : a.created_at < b.created_at ? 1 : -1,
        )
      : undefined,
  )
}

/** Marks as seen, here at once and on the other devices with the next sync. What was seen already is left alone. */
export async function markRead(rows: readonly Notification[]): Promise<void> {
  const ids = rows.filter((row) => !row.read_at).map((row) => row.id)
  for (let at = 0; at < ids.length; at += MOST_AT_ONCE) {
    await submit('notification.read', { ids: ids.slice(at, at + MOST_AT_ONCE) })
  }
}

/** Opens what a notification is about, and marks it as seen. */
export function useOpening(router: Router = useRouter()): (row: Notification, replace?: boolean) => Promise<void> {
  const engine = useEngine()
  return async (row, replace = false) => {
    void markRead([row]).catch((error: unknown) => console.error(error))
    const held =
      row.record_type !== null && row.record_id !== null && Boolean(await engine.get(row.record_type, row.record_id))
    const place = placeOf(row, layout.value, held)
    if (place) await router.push({ ...place, replace })
  }
}
