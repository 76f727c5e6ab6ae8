// @vitest-environment happy-dom
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { flatten } from '../../../scripts/vite-messages'
import { isFor } from '@/app/session'
import { declarations } from '@/ui/declarations'
import { setSwitches } from '@/ui/switches'
import { TODOS, USUAL } from './arranging'
import { allParts, allTodos, fits, partKey, todoKey } from './parts'

const words = Object.keys(flatten(JSON.parse(readFileSync('src/areas/portal/i18n.zh-CN.json', 'utf8'))))
const who = (...permissions: string[]) => ({
  can: (one: string) => permissions.includes(one),
  leads: permissions.length > 3,
})

describe('the parts of the start page', () => {
  it('are each declared once, under the name of their area, and have a place in both defaults', () => {
    const names = allParts.map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
    expect(new Set(allTodos.map(({ name }) => name)).size).toBe(allTodos.length)
    for (const name of [...names, ...allTodos.map((todo) => todo.name)]) expect(name).toMatch(/^[a-z]+\.[a-z_]+$/)
    expect(USUAL.leader.map(({ part }) => part).sort()).toEqual([...names].sort())
    for (const { part } of USUAL.field) expect(names).toContain(part)
    expect(allTodos.map(({ name }) => name)).toEqual(TODOS)
  })

  it('have words, and to-dos at the desk a line below', () => {
    for (const part of allParts) expect(words).toContain(partKey(part).replace('portal.', ''))
    for (const todo of allTodos) {
      expect(words).toContain(todoKey(todo).replace('portal.', ''))
      if (todo.sizes?.join() === 'desk') expect(words).toContain(`${todoKey(todo)}_text`.replace('portal.', ''))
    }
  })

  it('name permissions that there are', () => {
    const there = new Set<string>(declarations().permissions)
    for (const { name, permission } of [...allParts, ...allTodos])
      if (permission) expect(there, name).toContain(permission)
  })

  it('are for whom they say, on the sizes they say', () => {
    const team = allParts.find(({ name }) => name === 'team.today')!
    expect(isFor(team, who('visit.view'))).toBe(false)
    expect(isFor(team, who('visit.view', 'a', 'b', 'c'))).toBe(true)
    expect(isFor(team, who('a', 'b', 'c', 'd'))).toBe(false)
    const held = allTodos.find(({ name }) => name === 'orders.held')!
    expect([fits(held, 'desk'), fits(held, 'phone')]).toEqual([true, false])
    expect(fits(team, 'phone')).toBe(true)
    const trials = allTodos.find(({ name }) => name === 'followups.trials')!
    expect(isFor(trials, who('trial_account.manage'))).toBe(false)
    setSwitches({ trial_accounts: true })
    expect(isFor(trials, who('trial_account.manage'))).toBe(true)
    expect(isFor(trials, who('trial_account.view'))).toBe(false)
  })
})
