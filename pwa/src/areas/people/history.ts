/** How a role's rights are told in its history. */
import type { Scope } from '@/app/session'
import { permissionLabel } from '@/ui/labels'
import type { History } from '@/ui/record/parts'
import { textOrNull } from '@/app/i18n'
import { fieldName, scopeWord } from './desk/rights'

export default {
  'role.permissions': { part: permissionLabel, value: (scope) => scopeWord(scope as Scope) },
  'role.field_rights': { part: fieldName, value: (right) => textOrNull(`people.rights.right_${right}`) },
} satisfies History
