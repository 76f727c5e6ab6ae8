/** Which parts of a text are what was searched for. */
import { normal } from './ranking'

export interface Part {
  text: string
  hit: boolean
}

/** The text in parts, those that are one of the normal `words` marked; what lies between their characters with them. */
export function partsOf(text: string, words: readonly string[]): Part[] {
  const letters = [...text]
  let plain = ''
  const from: number[] = []
  letters.forEach((letter, at) => {
    const same = normal(letter)
    from.push(...Array.from(same, () => at))
    plain += same
  })
  // Both count characters, not halves of them.
  const normalLetters = [...plain]
  const hits = letters.map(() => false)
  for (const word of words) {
    const length = [...word].length
    for (let at = 0; at + length <= normalLetters.length; at++) {
      if (normalLetters.slice(at, at + length).join('') !== word) continue
      for (let one = from[at]!; one <= from[at + length - 1]!; one++) hits[one] = true
    }
  }
  const parts: Part[] = []
  letters.forEach((letter, at) => {
    const last = parts.at(-1)
    if (last && last.hit === hits[at]) last.text += letter
    else parts.push({ text: letter, hit: hits[at]! })
  })
  return parts
}

const AROUND = 24

/** So much of a long text as shows the first hit. */
export function cut(text: string, words: readonly string[], around = AROUND): string {
  const parts = partsOf(text.replace(/\s+/g, ' '), words)
  const first = parts.findIndex(({ hit }) => hit)
  if (first < 0) return text.length > 3 * around ? `${text.slice(0, 3 * around)}…` : text
  const before = [
    ...parts
      .slice(0, first)
      .map((part) => part.text)
      .join(''),
  ]
  const after = [
    ...parts
      .slice(first + 1)
      .map((part) => part.text)
      .join(''),
  ]
  const head = before.length > around ? `…${before.slice(-around).join('')}` : before.join('')
  const tail = after.length > 2 * around ? `${after.slice(0, 2 * around).join('')}…` : after.join('')
  return `${head}${parts[first]!.text}${tail}`
}
