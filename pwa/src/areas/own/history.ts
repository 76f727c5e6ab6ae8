/** How the company's own fields and tables are told in their history. */
import { textOrNull } from '@/app/i18n'
import { choiceLabel } from '@/ui/labels'
import type { History } from '@/ui/record/parts'

const role = (key: string) => (key === 'others' ? textOrNull('own.tables.other_roles') : null)

export default {
  'own_table.rights': { refs: ['role'], part: role, value: (right) => textOrNull(`own.tables.may_${right}`) },
  'own_field.rights': { refs: ['role'], part: role, value: (right) => choiceLabel('own_field', 'others', right) },
} satisfies History
