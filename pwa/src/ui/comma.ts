/** What the language at hand puts between words, and how it writes the name of a kind of record inside a sentence. */
import { language } from '@/app/i18n'

export const comma = (): string => (language.value === 'en' ? ', ' : '、')
export const colon = (): string => (language.value === 'en' ? ': ' : '：')

/** "Call reports" → "call reports"; what is written in capitals stays. */
export const inside = (words: string): string =>
  language.value === 'en' && !/^\p{Lu}{2}/u.test(words) ? words.charAt(0).toLowerCase() + words.slice(1) : words
