/** What was searched for lately, on this device and by this person; what one opened after it, so that typing is no search. */
import { shallowRef } from 'vue'
import { remember, remembered } from '@/app/deviceMemory'

const MOST = 8
const keyOf = (person: string) => `xunke.searched.${person}`

export function useRecent(person: string) {
  const queries = shallowRef<string[]>(read(person))
  const keep = (next: string[]) => {
    queries.value = next.slice(0, MOST)
    remember(keyOf(person), JSON.stringify(queries.value))
  }
  return {
    queries,
    note(query: string) {
      const words = query.trim()
      if (words) keep([words, ...queries.value.filter((one) => one !== words)])
    },
    forget: () => keep([]),
  }
}

function read(person: string): string[] {
  try {
    const found: unknown = JSON.parse(remembered(keyOf(person)) ?? '[]')
    return Array.isArray(found) ? found.filter((one) => typeof one === 'string').slice(0, MOST) : []
  } catch {
    return []
  }
}
