import { afterEach, expect, it } from 'vitest'
import { completeField } from './declarations'
import { hasRecord, setSwitches, switched } from './switches'

const fields = ['name', 'cross_branch', 'rep_code'].map((name) => completeField({ name, kind: 'text' }))
const names = () => switched('customer', fields).map(({ name, atFirst }) => name + (atFirst ? '*' : ''))
afterEach(() => setSwitches(undefined))

it('has the mark of chains in a chain alone, and the rep code where it is asked for', () => {
  expect(names()).toEqual(['name'])
  setSwitches({ chain_edition: true, rep_codes: false })
  expect(names()).toEqual(['name', 'cross_branch'])
  setSwitches({ chain_edition: false, rep_codes: true })
  expect(names()).toEqual(['name', 'rep_code*'])
  // Other records have fields of that name as they are.
  expect(switched('employee', fields)).toBe(fields)
})

it('has trial accounts where the company resells something', () => {
  expect([hasRecord('trial_account'), hasRecord('opportunity')]).toEqual([false, true])
  setSwitches({ trial_accounts: true })
  expect(hasRecord('trial_account')).toBe(true)
})
