/** What the company told of an approval, in the reader's own language: codes instead of the sentences it wrote itself. */
import { comma } from '@/ui/comma'
import { choiceLabel, errorText, fieldLabel } from '@/ui/labels'

export function toldInWords(params: Record<string, unknown>): Record<string, unknown> {
  const found = { ...params }
  if (typeof params.why === 'string') found.problem = errorText(params.why, params) ?? params.problem
  if (typeof params.decided === 'string') found.decision = choiceLabel('approval_step', 'state', params.decided)
  if (Array.isArray(params.fields)) {
    found.labels = params.fields
      .map((name) => {
        const [record, field] = String(name).includes('.') ? String(name).split('.', 2) : ['customer', String(name)]
        return fieldLabel(record!, field!)
      })
      .join(comma())
  }
  return found
}
