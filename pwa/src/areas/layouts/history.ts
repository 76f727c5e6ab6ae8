/** How the arrangement of a form is told in its history: by the fields' names. */
import { declarations, fieldLabel } from '@/ui/declarations'
import type { History, PartWords } from '@/ui/record/parts'

/** The line of history does not say of which record it is; what is called alike is one thing to people. */
function called(key: string): string | null {
  const record = Object.entries(declarations().records).find(([, one]) => one.fields.some(({ name }) => name === key))
  return record ? fieldLabel(record[0], key) : null
}
const words: PartWords = { part: (key, depth) => (depth === 0 ? called(key) : null) }

export default { 'layout.form': words, 'layout.columns': words } satisfies History
