/** Fields and records that only some companies have, as their settings say (server/customers/rules.py, check_switched;
 * server/followups/trials.py). */
import { shallowRef } from 'vue'
import type { FieldDeclaration } from './declarations'

/** The setting without which a field is not there. */
const NEEDS: Record<string, string> = {
  'customer.cross_branch': 'chain_edition',
  'customer.rep_code': 'rep_codes',
}
/** The setting without which a record is not there. */
const RECORD_NEEDS: Record<string, string> = { trial_account: 'trial_accounts' }
/** Those that are asked for when a row is made, and not of the rows of before. */
const AT_FIRST = new Set(['customer.rep_code'])

const on = shallowRef<ReadonlySet<string>>(new Set())

/** What the local store has now. */
export function setSwitches(company: Record<string, unknown> | undefined): void {
  const next = new Set(
    [NEEDS, RECORD_NEEDS].flatMap(Object.values<string>).filter((name) => company?.[name] === true),
  )
  if ([...next].join() !== [...on.value].join()) on.value = next
}

/** The fields that this company has. */
export function switched(record: string, fields: FieldDeclaration[]): FieldDeclaration[] {
  if (!fields.some(({ name }) => `${record}.${name}` in NEEDS)) return fields
  return fields.flatMap((field) => {
    const name = `${record}.${field.name}`
    if (name in NEEDS && !on.value.has(NEEDS[name]!)) return []
    return AT_FIRST.has(name) ? [{ ...field, atFirst: true }] : [field]
  })
}

/** Whether this company has such records. */
export const hasRecord = (record: string): boolean => !(record in RECORD_NEEDS) || on.value.has(RECORD_NEEDS[record]!)
