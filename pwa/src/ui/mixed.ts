/** Text with pictures between: a small document of paragraphs and pictures, never markup. */

export type Block = { text: string } | { file: string }

export const MOST_BLOCKS = 60
export const MOST_TEXT = 2000

/** What can be read of it; what a newer version or a mistake put there is left out. */
export function blocksOf(value: unknown): Block[] {
  if (!Array.isArray(value)) return []
  return value.flatMap((one): Block[] => {
    if (typeof one?.text === 'string') return [{ text: one.text }]
    return typeof one?.file === 'string' ? [{ file: one.file }] : []
  })
}

/** As it is sent: without empty paragraphs. */
export const tidy = (blocks: readonly Block[]): Block[] =>
  blocks.flatMap((one): Block[] => {
    if ('file' in one) return [one]
    const text = one.text.trim()
    return text ? [{ text }] : []
  })

export const filesIn = (value: unknown): string[] =>
  blocksOf(value).flatMap((one) => ('file' in one ? [one.file] : []))
export const wordsIn = (value: unknown): string =>
  blocksOf(value)
    .flatMap((one) => ('text' in one ? [one.text] : []))
    .join(' ')

/** A picture goes where one writes, between the words before and after the cursor. */
export function withPictures(
  blocks: readonly Block[],
  at: number,
  cursor: number,
  files: readonly string[],
): Block[] {
  const before = blocks.slice(0, at)
  const here = blocks[at]
  const pictures = files.map((file) => ({ file }))
  if (!here || 'file' in here)
    return [...before, ...(here ? [here] : []), ...pictures, ...blocks.slice(at + 1), ...last(blocks, at)]
  const head = here.text.slice(0, cursor).trimEnd()
  const tail = here.text.slice(cursor).trimStart()
  return [...before, ...(head ? [{ text: head }] : []), ...pictures, { text: tail }, ...blocks.slice(at + 1)]
}
/** Behind a picture at the end one can go on writing. */
const last = (blocks: readonly Block[], at: number): Block[] => (at >= blocks.length - 1 ? [{ text: '' }] : [])

/** Takes a picture out; the words around it are one paragraph again. */
export function without(blocks: readonly Block[], at: number): Block[] {
  const next = blocks.filter((_, index) => index !== at)
  const [before, after] = [next[at - 1], next[at]]
  if (!before || !after || !('text' in before) || !('text' in after)) return next.length ? next : [{ text: '' }]
  const text = [before.text, after.text].filter(Boolean).join('\n')
  return [...next.slice(0, at - 1), { text }, ...next.slice(at + 1)]
}

export function movedBy(blocks: readonly Block[], at: number, by: 1 | -1): Block[] {
  const next = [...blocks]
  const [one] = next.splice(at, 1)
  if (one && at + by >= 0 && at + by <= next.length) next.splice(at + by, 0, one)
  return next.length === blocks.length ? next : [...blocks]
}
