/** Between the words of a list, and after a word that something follows, as the language at hand has them. */
import { language } from '@/app/i18n'

export const comma = (): string => (language.value === 'en' ? ', ' : '、')
export const colon = (): string => (language.value === 'en' ? ': ' : '：')
