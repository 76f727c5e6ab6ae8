/**
 * The one way desk screens write.
 *
 * Online the command goes straight to the server, because whoever sits at a desk waits for the answer and sees the
 * company's decision at once. Without network, what can wait (`later`: new rows and changes of a row this device holds)
 * goes to the outbox and is sent like everything made on the road; a decision such as an approval is refused instead,
 * since it must not be taken on figures that may be old.
 */
import { comma } from './comma'
import { command as post } from '@/api/client'
import { ApiError } from '@/api/problem'
import { i18n } from '@/app/i18n'
import { useEngine } from '@/sync/vue'
import { fieldLabel } from './labels'
import { recordChanged } from './table/changed'
import { showUndo } from './undo'

export interface Answer {
  /** `waiting`: in the outbox, not yet at the company. */
  status: 'applied' | 'merged' | 'adjusted' | 'held' | 'conflict' | 'waiting'
  code: string | null
  detail: Record<string, unknown>
  conflicts: string[]
  changes: (Record<string, unknown> & { code: string })[]
  result: Record<string, unknown> | null
}

export interface RunOptions {
  /** Records whose open lists and panels are read again; by default the record in front of the command's dot. */
  touches?: string[]
  /** May wait in the outbox when there is no network. */
  later?: boolean
  /** A half-filled form that this ends. */
  draft?: string
  /** Said when it is done; otherwise only what is out of the ordinary is said. */
  done?: string
  undo?: () => Promise<void>
  /** For work lists that say themselves what happened. */
  quiet?: boolean
}

/** A command whose answer was lost is repeated under its old key, so that it is not done twice. */
const unanswered = new Map<string, string>()

/** Throws ApiError; nothing was written then, or (offline) nobody knows and the next try finds out. */
export async function run(
  name: string,
  args: Record<string, unknown> & { id?: string },
  options: RunOptions = {},
): Promise<Answer> {
  const fingerprint = `${name} ${JSON.stringify(args)}`
  const key = unanswered.get(fingerprint) ?? crypto.randomUUID()
  let answer: Answer
  try {
    if (!navigator.onLine) throw new ApiError(0, 'offline')
    unanswered.set(fingerprint, key)
    answer = await post<Answer>(name, args, key)
    unanswered.delete(fingerprint)
  } catch (error) {
    if (error instanceof ApiError && error.status > 0 && error.status < 500) unanswered.delete(fingerprint)
    const unsent = error instanceof ApiError && error.offline && !navigator.onLine
    if (!unsent || !options.later || !(await holds(name, args.id))) throw error
    unanswered.delete(fingerprint)
    await useEngine().submit(name, args, { draft: options.draft })
    answer = { status: 'waiting', code: null, detail: {}, conflicts: [], changes: [], result: null }
  }
  for (const record of options.touches ?? [name.slice(0, name.lastIndexOf('.'))]) {
    recordChanged(record, options.touches ? null : (args.id ?? null))
  }
  if (!options.quiet) say(name, args, answer, options)
  return answer
}

async function holds(name: string, id: string | undefined): Promise<boolean> {
  const dot = name.lastIndexOf('.')
  if (name.slice(dot + 1) === 'create') return true
  return (
    id !== undefined &&
    (await useEngine()
      .get(name.slice(0, dot), id)
      .catch(() => undefined)) !== undefined
  )
}

function say(name: string, args: Record<string, unknown>, answer: Answer, options: RunOptions): void {
  const { t } = i18n.global
  const record = name.slice(0, name.lastIndexOf('.'))
  if (answer.status === 'waiting') showUndo({ text: t('run.waiting'), for: 6_000 })
  else if (answer.status === 'conflict') {
    const fields = Object.keys((args.set as object | undefined) ?? {}).map((field) => fieldLabel(record, field))
    showUndo({ text: t('run.conflict', { fields: fields.join(comma()) }), for: 10_000 })
  } else if (answer.status === 'held') showUndo({ text: t('run.held'), for: 10_000 })
  else if (answer.status === 'merged') showUndo({ text: t('run.merged'), for: 6_000 })
  else if (answer.status === 'adjusted') showUndo({ text: t('run.adjusted'), for: 8_000 })
  else if (options.done) showUndo({ text: options.done, undo: options.undo })
}

/** `{field: [what was seen, what is wanted]}`, as `.edit` commands take it. */
export const edits = (seen: Record<string, unknown>, changes: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(changes).map(([field, mine]) => [field, [seen[field] ?? null, mine]]))
