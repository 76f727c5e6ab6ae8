/** Pinyin as the server makes it (server/records/pinyin.py): lower case, letters and digits only. */
import { pinyin } from 'pinyin-pro'

const plain = (parts: string[]): string =>
  parts
    .join('')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '')
    .slice(0, 200)

export const initials = (name: string): string =>
  plain(pinyin(name, { pattern: 'first', toneType: 'none', type: 'array', nonZh: 'consecutive' }))

/** 王记超市 → wangjichaoshi. */
export const whole = (name: string): string =>
  plain(pinyin(name, { toneType: 'none', type: 'array', nonZh: 'consecutive', v: true }))
