/** Why the company gives a document to nobody, in words; null where it does. */
import { choiceLabel, errorText } from '@/ui/labels'
import { MOST_FILE_BYTES } from '@/ui/fileNames'

export function reasonOf(row: { [field: string]: unknown }): string | null {
  if (row.state !== 'refused') return null
  const params = { looks: String(row.looks ?? ''), mb: MOST_FILE_BYTES / 1024 ** 2 }
  return errorText(String(row.problem), params) ?? choiceLabel('attachment', 'state', 'refused')
}
