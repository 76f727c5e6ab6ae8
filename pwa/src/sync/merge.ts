/** The per-field merge, as the server does it (sync/merge.py): what happens when a field changed there while this phone
 * was away. Here it is a preview, so that what a colleague added to a note shows beside what was typed on this phone
 * before the server has joined the two. Both sides are tested on the same cases, tests/sync/merge_*.json.
 *
 * Values are as the wire has them: amounts are decimal strings. */

export type Policy = 'ask' | 'server' | 'latest' | 'append' | 'union' | 'add'

export interface Merge {
  value: unknown
  outcome: 'same' | 'applied' | 'merged' | 'conflict'
  /** The value nobody shows any more, and a conflict record keeps. Absent when nothing loses. */
  lost?: unknown
  /** A person must decide; the server's value stays until then. */
  open: boolean
}

/** `base` is what the phone had seen, `mine` what it wants, `current` what the server has. */
export function merge(policy: Policy, base: unknown, mine: unknown, current: unknown): Merge {
  if (same(current, mine)) return { value: current, outcome: 'same', open: false }
  if (same(current, base)) return { value: mine, outcome: 'applied', open: false }
  const joined = join(policy, base ?? null, mine, current ?? null)
  if (joined !== undefined) return { value: joined, outcome: 'merged', open: false }
  if (policy === 'latest') return { value: mine, outcome: 'merged', lost: current, open: false }
  if (policy === 'server') return { value: current, outcome: 'merged', lost: mine, open: false }
  return { value: current, outcome: 'conflict', lost: mine, open: true }
}

/** What an unsent edit shows: joined where the server will join, otherwise the user's own word, until the server has
 * spoken. `current` may contain the edit already, though its answer was lost. */
export function preview(policy: string | undefined, base: unknown, mine: unknown, current: unknown): unknown {
  const joined = join(policy ?? 'ask', base ?? null, mine, current ?? null)
  if (joined === undefined || same(current, mine) || same(current, base)) return mine
  if (policy === 'append' && (current as string).endsWith(trimStart(added(base as string | null, mine as string))))
    return current
  return joined
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a ?? null) === JSON.stringify(b ?? null)
}

/** Undefined where the policy does not join, or the values are not of its kind: then people or the policy decide. */
function join(policy: string, base: unknown, mine: unknown, current: unknown): unknown {
  const all = <T>(
    kind: (value: unknown) => value is T,
    then: (b: T | null, m: T, c: T | null) => unknown,
  ): unknown =>
    kind(mine) && (base === null || kind(base)) && (current === null || kind(current))
      ? then(base, mine, current)
      : undefined
  if (policy === 'append') return all(isText, appendText)
  if (policy === 'union') return all(isList, union)
  if (policy === 'add') return all(isAmount, add)
  return undefined
}

const isText = (value: unknown): value is string => typeof value === 'string'
const isList = (value: unknown): value is unknown[] => Array.isArray(value)
const isAmount = (value: unknown): value is string | number =>
  typeof value === 'number' || (typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value))

// Named, because Python and JavaScript strip different characters by themselves.
const trimStart = (text: string): string => text.replace(/^[ \t\r\n\u3000]+/, '')
const trimEnd = (text: string): string => text.replace(/[ \t\r\n\u3000]+$/, '')

const added = (base: string | null, mine: string): string =>
  mine.startsWith(base ?? '') ? mine.slice((base ?? '').length) : mine

/** Keeps the server's text and adds what the phone added; text that was rewritten is added whole. */
function appendText(base: string | null, mine: string, current: string | null): string {
  const more = trimStart(added(base, mine))
  if (more === '') return current ?? ''
  return current ? `${trimEnd(current)}\n${more}` : more
}

/** What either side added is in, what either side removed is out; the server's order first. */
function union(base: unknown[] | null, mine: unknown[], current: unknown[] | null): unknown[] {
  const start = base ?? []
  const kept = (current ?? []).filter((item) => !start.includes(item) || mine.includes(item))
  return [...kept, ...mine.filter((item) => !start.includes(item) && !kept.includes(item))]
}

/** Both differences; exact, whatever the number of decimals. */
function add(base: string | number | null, mine: string | number, current: string | number | null): string | number {
  const all = [current ?? 0, mine, base ?? 0]
  if (all.every((value) => typeof value === 'number'))
    return (all[0] as number) + (all[1] as number) - (all[2] as number)
  const texts = all.map(String)
  const places = Math.max(...texts.map((text) => text.split('.')[1]?.length ?? 0))
  const [c, m, b] = texts.map((text) => {
    const [whole = '0', fraction = ''] = text.split('.')
    return BigInt(whole + fraction.padEnd(places, '0'))
  }) as [bigint, bigint, bigint]
  const sum = c + m - b
  const digits = (sum < 0n ? -sum : sum).toString().padStart(places + 1, '0')
  const text = places === 0 ? digits : `${digits.slice(0, -places)}.${digits.slice(-places)}`
  return sum < 0n ? `-${text}` : text
}
