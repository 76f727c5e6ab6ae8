/** Notices as this device holds them, and which of them one has not read. */
import { computed, type ComputedRef } from 'vue'
import { dayOf, today } from '@/ui/format'
import { minute } from '@/ui/minute'
import { submit, useEngine } from '@/sync/vue'
import type { Row } from '@/sync/types'
import { useMyId } from '../company/settings'
import { useTable } from '../tables'

export interface Notice extends Row {
  title: string
  category_id: string | null
  content: string
  audience: 'everybody' | 'some'
  department_ids: string[] | null
  role_ids: string[] | null
  pinned: boolean
  until: string | null
  state: 'draft' | 'published' | 'withdrawn'
  publisher_id: string
  published_at: string | null
  deleted_at: string | null
  created_at: string
}

export const isOut = (notice: Notice): boolean => notice.state === 'published' && !notice.deleted_at
/** Put before people by itself: published, and its last day has not passed. */
export const isCurrent = (notice: Notice, day: string): boolean =>
  isOut(notice) && (!notice.until || notice.until >= day)

const at = (notice: Notice): string => notice.published_at ?? notice.created_at
const compare = (a: string, b: string): number => (a < b ? 1 : a > b ? -1 : 0)
/** What is pinned and not over comes first, then the newest. */
export const inOrder =
  (day: string) =>
  (a: Notice, b: Notice): number =>
    Number(b.pinned && isCurrent(b, day)) - Number(a.pinned && isCurrent(a, day)) ||
    compare(at(a), at(b)) ||
    compare(a.id, b.id)

export interface Board {
  /** Everything published, in order; undefined while it is being read. */
  notices: ComputedRef<Notice[] | undefined>
  isUnread: ComputedRef<(notice: Notice) => boolean>
  /** Unread and not over. */
  unread: ComputedRef<Notice[]>
}

export function useNotices(): Board {
  const held = useTable<Notice>('notice')
  const lines = useTable('notice_reader')
  const me = useMyId()
  const day = computed(() => (void minute.value, today()))
  const read = computed(() => {
    const found = new Set<unknown>()
    for (const line of lines.value?.values() ?? []) if (line.reader_id === me) found.add(line.notice_id)
    return found
  })
  const isUnread = computed(
    () => (notice: Notice) => isOut(notice) && notice.publisher_id !== me && !read.value.has(notice.id),
  )
  const notices = computed(() =>
    held.value && lines.value ? [...held.value.values()].filter(isOut).sort(inOrder(day.value)) : undefined,
  )
  const unread = computed(() =>
    (notices.value ?? []).filter((notice) => isCurrent(notice, day.value) && isUnread.value(notice)),
  )
  return { notices, isUnread, unread }
}

export const markRead = (notice: Notice): Promise<unknown> =>
  submit(
    'notice.read',
    { id: useEngine().newId(), notice_id: notice.id },
    { about: { type: 'notice', id: notice.id, label: notice.title } },
  )

export const dayOfNotice = (notice: Notice): string => dayOf(at(notice))
