/** How the company's settings are told in their history. */
import { textOrNull } from '@/app/i18n'
import { fieldLabel } from '@/ui/labels'
import type { History } from '@/ui/record/parts'

export default {
  'company.duplicate_fields': { value: (field) => fieldLabel('customer', field) },
  'company.recovery_categories': { refs: ['option'] },
  'company.work_days': { value: (day) => textOrNull(`desk.part.day_${day}`) },
  'company.menu_names': { part: (key, depth) => (depth === 0 ? textOrNull(key) : null) },
  'company.setup_guide': { value: (step) => textOrNull(`company.guide.step.${step}`) },
} satisfies History
