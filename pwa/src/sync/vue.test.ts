// @vitest-environment happy-dom
import { createApp, effectScope, nextTick, ref } from 'vue'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { eventually, Phone } from './testing/phone'
import { ModelServer } from './testing/server'
import {
  provideEngine,
  submit,
  useDraft,
  useMark,
  useMarks,
  useNeedsYou,
  useRow,
  useRows,
  useSyncStatus,
} from './vue'

let server: ModelServer
let phone: Phone
let scope = effectScope()

beforeEach(async () => {
  server = new ModelServer()
  server.customer('wang', { name: '王记超市', mobile: '138' }, 'li')
  server.customer('chen', { name: '陈记', mobile: '137' }, 'li')
  phone = new Phone(server)
  await phone.ready()
  provideEngine(createApp({}), phone.engine)
  scope = effectScope()
})

afterEach(() => {
  scope.stop()
  phone.engine.stop()
})

describe('components', () => {
  it('follow one row, and another when its id changes', async () => {
    const id = ref<string | null>('wang')
    const row = scope.run(() => useRow('customer', id))!
    expect(row.value).toBeUndefined()
    await eventually(() => row.value?.['mobile'] === '138')
    await submit('customer.edit', { id: 'wang', set: { mobile: ['138', '139'] } })
    await eventually(() => row.value?.['mobile'] === '139')
    id.value = 'chen'
    await eventually(() => row.value?.['mobile'] === '137')
    id.value = 'nobody'
    await eventually(() => row.value === null)
  })

  it('follow lists, by index, filtered and sorted', async () => {
    const customer = ref<string | null>(null)
    const all = scope.run(() =>
      useRows('customer', { sort: (a, b) => String(a['mobile']).localeCompare(String(b['mobile'])) }),
    )!
    const visits = scope.run(() => useRows('visit', { index: 'customer_id', value: customer }))!
    await eventually(() => all.value?.map((row) => row.id).join() === 'chen,wang')
    await eventually(() => visits.value?.length === 0)
    customer.value = 'wang'
    await submit('visit.create', { id: 'v1', values: { customer_id: 'wang', name: '一访' } })
    await eventually(() => visits.value?.[0]?.id === 'v1')
  })

  it('show marks, what needs the user, and the status', async () => {
    const { mark, marks, needs, status } = scope.run(() => ({
      mark: useMark('customer', 'wang'),
      marks: useMarks('customer'),
      needs: useNeedsYou(),
      status: useSyncStatus(),
    }))!
    await submit('customer.edit', { id: 'wang', set: { mobile: ['138', 'mine'] } })
    server.desk(() => server.put('customer', 'customer:wang', { id: 'wang', mobile: 'theirs' }))
    await eventually(() => mark.value === 'phone' && marks.value.get('wang') === 'phone')
    expect(status.value.waiting).toBe(1)
    await phone.engine.syncNow()
    await eventually(() => mark.value === 'needs_you' && needs.value.length === 1)
    await phone.engine.dismiss(needs.value[0]!.id)
    await eventually(() => mark.value === 'company' && needs.value.length === 0 && marks.value.size === 0)
  })
})

describe('a half-filled form', () => {
  it('comes back as it was, and is over when it is submitted', async () => {
    const empty = () => ({ name: '', lines: [] as string[] })
    const draft = scope.run(() => useDraft('order/new', empty))!
    await eventually(() => draft.loaded.value)
    expect(draft.restored.value).toBe(false)
    draft.value.value.name = '王记'
    draft.value.value.lines.push('A')
    await nextTick()
    scope.stop() // leaving the page stores at once
    scope = effectScope()
    const again = scope.run(() => useDraft('order/new', empty))!
    await eventually(() => again.restored.value)
    expect(again.value.value).toEqual({ name: '王记', lines: ['A'] })
    again.value.value.name = '王记二店' // its save is still under way when the form is submitted
    await submit('customer.create', { id: 'x', values: { name: '王记二店' } }, { draft: again.key })
    await new Promise((resolve) => setTimeout(resolve, 600))
    expect(await phone.engine.draft('order/new')).toBeUndefined()
  })

  it('belongs to one person', async () => {
    await phone.engine.saveDraft('form', { a: 1 })
    phone.employee = 'zhao'
    await phone.engine.loggedIn({ id: 'zhao' })
    expect(await phone.engine.draft('form')).toBeUndefined()
  })
})
