// @vitest-environment happy-dom
import { effectScope, nextTick, ref } from 'vue'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { connectDrafts } from '@/app/draftStore'
import { useDraft } from './drafts'

const kept = new Map<string, { value: unknown }>()
const settled = () => vi.advanceTimersByTimeAsync(1000)

beforeEach(() => {
  vi.useFakeTimers()
  kept.clear()
  connectDrafts(async () => ({
    draft: async <T>(key: string) => kept.get(key) as T | undefined,
    saveDraft: async (key, value) => void kept.set(key, value as { value: unknown }),
    dropDraft: async (key) => void kept.delete(key),
  }))
})
afterEach(() => vi.useRealTimers())

/** A form whose values stay on the screen when they are saved, as they do until the next page is there. */
function form() {
  const scope = effectScope()
  const name = ref('')
  const draft = scope.run(() => useDraft('customer/new', name, () => name.value !== ''))!
  return { name, draft, leave: () => scope.stop() }
}

describe('a half-filled form', () => {
  it('is kept a moment after each change, and at once when it is left', async () => {
    const { name, leave } = form()
    name.value = '王记'
    await settled()
    expect(kept.get('customer/new')?.value).toBe('王记')
    name.value = '王记超市'
    await nextTick()
    leave()
    await settled()
    expect(kept.get('customer/new')?.value).toBe('王记超市')
    expect(await form().draft.restored).toMatchObject({ value: '王记超市' })
  })

  it('does not come back when it was saved, whenever its page goes', async () => {
    const { name, draft, leave } = form()
    name.value = '王记'
    await nextTick()
    await draft.drop()
    leave()
    await settled()
    expect(kept.size).toBe(0)
  })

  it('is kept again when somebody goes on with it', async () => {
    const { name, draft } = form()
    name.value = '王记'
    await nextTick()
    await draft.drop()
    name.value = '王记二店'
    await settled()
    expect(kept.get('customer/new')?.value).toBe('王记二店')
  })
})
