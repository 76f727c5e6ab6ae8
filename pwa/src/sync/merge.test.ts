/** The merge decides as the server's does: on the cases both share, and by its laws. */

import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { merge, preview, type Merge, type Policy } from './merge'
import { Phone } from './testing/phone'
import { ModelServer } from './testing/server'

interface Case {
  name?: string
  policy: Policy
  base: unknown
  mine: unknown
  current: unknown
  value: unknown
  outcome: Merge['outcome']
  lost?: unknown
  open?: boolean
}

const read = (name: string): Case[] =>
  JSON.parse(readFileSync(resolve(__dirname, '../../../tests/sync', name), 'utf8')) as Case[]

describe('cases shared with the server', () => {
  it.each(read('merge_cases.json').map((one) => [one.name!, one] as const))('%s', (_name, one) => {
    const { value, outcome, open } = merge(one.policy, one.base, one.mine, one.current)
    expect({ value, outcome, open }).toEqual({ value: one.value, outcome: one.outcome, open: one.open ?? false })
  })

  it('and hundreds drawn by chance', () => {
    const drawn = read('merge_drawn.json')
    expect(drawn.length).toBeGreaterThan(300)
    for (const one of drawn) {
      const { value, outcome, lost, open } = merge(one.policy, one.base, one.mine, one.current)
      expect({ value, outcome, lost, open }, JSON.stringify(one)).toEqual({
        value: one.value,
        outcome: one.outcome,
        lost: one.lost,
        open: one.open ?? false,
      })
    }
  })
})

const policy = fc.constantFrom<Policy>('ask', 'server', 'latest', 'append', 'union', 'add')
const notes = fc
  .array(fc.constantFrom('老客户', '\n', '\u3000', ' ', 'a', 'b'), { maxLength: 4 })
  .map((all) => all.join(''))
const ids = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e'))
const amount = fc.integer({ min: -99_999, max: 99_999 }).map((cents) => (cents / 100).toFixed(2))
const three = (value: fc.Arbitrary<unknown>) => {
  const maybe = fc.option(value, { nil: null })
  return fc.tuple(policy, maybe, maybe, maybe)
}
const anyField = fc.oneof(...[notes, ids, amount, fc.integer({ min: -9, max: 9 }), fc.boolean()].map(three))
const text = JSON.stringify

describe('laws', () => {
  it('no value is lost: it shows, or a conflict keeps it, or the result contains it', () => {
    fc.assert(
      fc.property(anyField, ([how, base, mine, current]) => {
        const merged = merge(how, base, mine, current)
        for (const value of [mine, current]) {
          if ([base, merged.value, merged.lost].some((one) => one !== undefined && text(one) === text(value)))
            continue
          expect(merged.outcome).toBe('merged')
          if (how === 'union')
            for (const item of (value ?? []) as string[]) {
              if (!((base ?? []) as string[]).includes(item)) expect(merged.value).toContain(item)
            }
          else expect(['append', 'add']).toContain(how)
        }
      }),
    )
  })

  it('the same value is no conflict, and who saw the newest value gets what he wants', () => {
    fc.assert(
      fc.property(anyField, ([how, base, mine, current]) => {
        expect(merge(how, base, mine, mine)).toEqual({ value: mine, outcome: 'same', open: false })
        expect(merge(how, current, mine, current).value).toEqual(mine)
      }),
    )
  })

  it('merging again changes nothing where nothing is added', () => {
    fc.assert(
      fc.property(anyField, ([how, base, mine, current]) => {
        fc.pre(how !== 'append' && how !== 'add')
        const once = merge(how, base, mine, current).value
        expect(merge(how, base, mine, once).value).toEqual(once)
      }),
    )
  })

  it('sets and sums come out the same in any order', () => {
    const two = (how: Policy, base: unknown, first: unknown, second: unknown) =>
      merge(how, base, second, merge(how, base, first, base).value).value
    fc.assert(
      fc.property(ids, ids, ids, (base, a, b) => {
        expect(new Set(two('union', base, a, b) as string[])).toEqual(new Set(two('union', base, b, a) as string[]))
      }),
    )
    fc.assert(
      fc.property(amount, amount, amount, (base, a, b) => {
        fc.pre(a !== b)
        expect(two('add', base, a, b)).toBe(two('add', base, b, a))
      }),
    )
  })
})

describe('what an unsent edit shows', () => {
  it('is the own word, except where the server will join', () => {
    expect(preview('ask', 'a', 'mine', 'theirs')).toBe('mine')
    expect(preview('server', 'a', 'mine', 'theirs')).toBe('mine')
    expect(preview(undefined, 'a', 'mine', 'theirs')).toBe('mine')
    expect(preview('append', '老客户', '老客户\n要新价目', '老客户\n周一休息')).toBe('老客户\n周一休息\n要新价目')
    expect(preview('append', null, '要新价目', null)).toBe('要新价目')
    expect(preview('append', '老客户', null, '周一休息')).toBe(null)
  })

  it('does not show an added line twice while its answer is on the way', () => {
    fc.assert(
      fc.property(notes, notes, notes, (base, mine, current) => {
        const joined = merge('append', base, base + mine, current).value
        expect(preview('append', base, base + mine, joined)).toBe(
          text(joined) === text(base) ? base + mine : (joined as string),
        )
      }),
    )
  })

  it('a colleague’s note stands beside one’s own before that is sent, and after', async () => {
    const server = new ModelServer()
    server.customer('wang', { name: '王记超市', mobile: '老客户' }, 'li')
    const phone = new Phone(server, 'li', {
      schema: 1,
      records: {
        customer: { root: 'customer:id', fields: [{ name: 'mobile', kind: 'longtext', policy: 'append' }] },
      },
    })
    await phone.ready()
    phone.isOnline = false
    await phone.engine.submit('customer.edit', { id: 'wang', set: { mobile: ['老客户', '老客户\n要新价目'] } })
    server.desk(() => server.put('customer', 'customer:wang', { id: 'wang', mobile: '老客户\n周一休息' }))
    phone.isOnline = true
    server.before = (request) => (request.path === '/sync/v1/push' ? new Response('', { status: 500 }) : null)
    await phone.engine.syncNow()
    expect(await phone.engine.get('customer', 'wang')).toMatchObject({ mobile: '老客户\n周一休息\n要新价目' })
  })
})
