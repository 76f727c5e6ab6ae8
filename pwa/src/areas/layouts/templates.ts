/** Form templates in the administrator's hands: which forms have which purposes, and one being written. */
import { declarations } from '@/ui/declarations'
import { PURPOSES, readLook, type Look, type Purpose, type TemplateRow } from '@/ui/look'
import { run } from '@/ui/run'

export const purposesOf = (form: string): Purpose[] => {
  const declared = declarations().forms[form]?.purposes
  return PURPOSES.filter((purpose) => declared?.includes(purpose) ?? true)
}

export interface Draft {
  id: string
  record_type: string
  purpose: Purpose
  name: string
  look: Look
  /** The hash of one that was sent already. */
  picture: string | null
  in_force: boolean
}

export const draftOf = (row: TemplateRow): Draft => ({
  id: row.id,
  record_type: row.record_type,
  purpose: row.purpose as Purpose,
  name: row.name,
  look: readLook(row.look),
  picture: row.picture,
  in_force: row.in_force,
})
export const newDraft = (id: string, record_type: string, purpose: Purpose): Draft => ({
  id,
  record_type,
  purpose,
  name: '',
  look: readLook(null),
  picture: null,
  in_force: true,
})

/** As the command takes it: what is usual is left out. */
export function wireOf(look: Look, purpose: Purpose): Record<string, unknown> {
  const { columns, labels, spacing, accent, text, paper } = look
  const said = { ...(columns && { columns }), ...(labels && { labels }), ...(spacing && { spacing }) }
  const more = { ...(accent && { accent }), ...(text.trim() && { text: text.trim() }) }
  if (purpose !== 'print') return { ...said, ...more }
  return {
    ...said,
    ...more,
    paper: {
      paper: paper.paper,
      direction: paper.direction,
      title: paper.title.trim(),
      header: paper.header.trim(),
      footer: paper.footer.trim(),
      ...(paper.fields && { fields: paper.fields }),
      ...(paper.lines && { lines: paper.lines }),
      signatures: paper.signatures,
    },
  }
}

export const saveTemplate = (draft: Draft) =>
  run(
    'form_template.save',
    {
      id: draft.id,
      record_type: draft.record_type,
      purpose: draft.purpose,
      name: draft.name.trim(),
      look: wireOf(draft.look, draft.purpose),
      picture: draft.picture,
      in_force: draft.in_force,
    },
    { quiet: true },
  )
export const useTemplate = (record_type: string, purpose: Purpose, id: string | null) =>
  run('form_template.use', { record_type, purpose, id: id as string }, { quiet: true })
export const deleteTemplate = (id: string) => run('form_template.delete', { id }, { quiet: true })
