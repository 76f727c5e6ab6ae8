/** Pinyin initials as the server makes them (server/records/pinyin.py): lower case, letters and digits only. */
import { pinyin } from 'pinyin-pro'

export function initials(name: string): string {
  return pinyin(name, { pattern: 'first', toneType: 'none', type: 'array', nonZh: 'consecutive' })
    .join('')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '')
    .slice(0, 200)
}
