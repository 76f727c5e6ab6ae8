/** How a visit type's photos are told in its history. */
import { textOrNull } from '@/app/i18n'
import { choiceLabel } from '@/ui/labels'
import type { History } from '@/ui/record/parts'

export default {
  'visit_type.photos': {
    refs: ['option'],
    part: (key) => {
      if (key === 'required') return textOrNull('desk.part.number')
      const word = choiceLabel('photo', 'kind', key)
      return word === key ? null : word
    },
  },
} satisfies History
