/**
 * How well a text has a word: the better, the smaller. `server/records/search/ranking.py` is the same for what the company
 * holds; `tests/search/ranking_cases.json` holds both to it.
 */

/** Normal texts of one row, as far as this person may search in them. */
export interface Entry {
  number: string
  name: string
  initials: string
  /** The whole pinyin of the name, "" where nobody has asked for it yet. */
  pinyin: string
  phones: readonly string[]
  rest: readonly string[]
}

const MOST_WORDS = 8
const PHONE_DIGITS = 3
const DROPPED = /[^\p{L}\p{N}\p{M}\p{So}\p{Sk}]/gu
// eslint-disable-next-line no-control-regex -- exactly ASCII
const ASCII = /^[\x00-\x7f]*$/

/** Half width, lower case, without blanks and punctuation: as people type, whatever their keyboard does. */
export const normal = (text: string): string => text.normalize('NFKC').toLowerCase().replace(DROPPED, '')

/** The words of a query, all of which have to be found. */
export const wordsOf = (query: string): string[] =>
  [...new Set(query.normalize('NFKC').split(/\s+/).map(normal))].filter(Boolean).slice(0, MOST_WORDS)

/** 0: it is the word; 8: a name that has its characters in this order; null: it has it nowhere. */
export function rank(entry: Entry, word: string): number | null {
  const { number, name, initials, pinyin, phones, rest } = entry
  if (number === word || name === word || phones.includes(word)) return 0
  if (number.startsWith(word) || name.startsWith(word)) return 1
  if (initials.startsWith(word) || pinyin.startsWith(word)) return 2
  // One letter is everywhere; it counts where something begins with it.
  if (word.length === 1 && ASCII.test(word)) return phones.some((phone) => phone.startsWith(word)) ? 4 : null
  if (name.includes(word)) return 3
  if (number.endsWith(word)) return 4
  if (word.length >= PHONE_DIGITS && phones.some((phone) => phone.includes(word)))
    return phones.some((phone) => phone.startsWith(word) || phone.endsWith(word)) ? 4 : 5
  if (initials.includes(word) || pinyin.includes(word)) return 6
  if (number.includes(word) || rest.some((text) => text.includes(word))) return 7
  return inOrder(name, word) ? WORST : null
}

export const WORST = 8

/** 王超市 finds 王记超市: the characters in this order, others between. Not for letters: those are in everything. */
function inOrder(name: string, word: string): boolean {
  const letters = [...word]
  if (letters.length < 2 || letters.some((letter) => ASCII.test(letter))) return false
  let at = 0
  for (const letter of letters) {
    at = name.indexOf(letter, at)
    if (at < 0) return false
    at += letter.length
  }
  return true
}

/** All words together; null unless each is there. Two words found well come before three found badly. */
export function total(entry: Entry, words: readonly string[]): number | null {
  let sum = 0
  for (const word of words) {
    const one = rank(entry, word)
    if (one === null) return null
    sum += one
  }
  return sum
}
