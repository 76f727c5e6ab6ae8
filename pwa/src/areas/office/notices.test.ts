// @vitest-environment happy-dom
import { expect, it } from 'vitest'
import { inOrder, isCurrent, isOut, type Notice } from './notices'

const notice = (id: string, more: Partial<Notice> = {}): Notice => ({
  id,
  rev: 1,
  root: `notice:${id}`,
  title: id,
  category_id: null,
  content: id,
  audience: 'everybody',
  department_ids: null,
  role_ids: null,
  pinned: false,
  until: null,
  state: 'published',
  publisher_id: 'clerk',
  published_at: '2026-11-20T02:00:00.000Z',
  deleted_at: null,
  created_at: '2026-11-19T02:00:00.000Z',
  ...more,
})

it('puts what is pinned first while its days last, then the newest', () => {
  const old = notice('old', { pinned: true, until: '2026-11-28' })
  const pinned = notice('pinned', { pinned: true, until: '2026-11-29', published_at: '2026-11-01T02:00:00.000Z' })
  const fresh = notice('fresh', { published_at: '2026-11-28T02:00:00.000Z' })
  const sorted = [old, fresh, pinned].sort(inOrder('2026-11-29'))
  expect(sorted.map(({ id }) => id)).toEqual(['pinned', 'fresh', 'old'])
  expect(isCurrent(old, '2026-11-29')).toBe(false)
  expect(isOut(old)).toBe(true)
})

it('shows nobody what is withdrawn, deleted or a draft', () => {
  const hidden = [
    notice('a', { state: 'draft' }),
    notice('b', { state: 'withdrawn' }),
    notice('c', { deleted_at: 'x' }),
  ]
  expect(hidden.filter(isOut)).toEqual([])
})
