/**
 * What changed in a setting that is kept as JSON, as lines to read: which part of it, what it was and what it is. An area
 * says in `history.ts` how its settings speak of themselves.
 */
import { i18n, language, textOrNull } from '@/app/i18n'
import { comma } from '../comma'

export interface PartWords {
  /** A key of an object, or what an item of a list is known by; `depth` counts from the field. Null: the usual words. */
  part?: (key: string, depth: number) => string | null
  /** A text; `key`: what it is the value of, empty for the field itself. */
  value?: (text: string, key: string) => string | null
  /** Of which records there are ids in it. */
  refs?: readonly string[]
}
/** By `record.field`. */
export type History = Record<string, PartWords>

/** `part` is empty where the field is no more than its value. What was not there, or is not any more, is an empty text. */
export interface Line {
  part: string
  before: string
  after: string
}

const files = import.meta.glob<History>('../../areas/*/history.ts', { eager: true, import: 'default' })
const known: History = Object.assign({}, ...Object.values(files))
export const partWords = (record: string, field: string): PartWords => known[`${record}.${field}`] ?? {}

/** The areas whose words the settings of a record need. */
export const areasOf = (record: string): string[] =>
  Object.entries(files)
    .filter(([, history]) => Object.keys(history).some((key) => key.startsWith(`${record}.`)))
    .map(([path]) => path.split('/').at(-2)!)

type Json = Record<string, unknown>
const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null
/** What an item of a list is known by, whatever else of it changes. */
const IDENTITY = ['id', 'key', 'field', 'kind', 'server', 'fact', 'name'] as const

/** Something that has a value of its own. `title`: it is what the item around it is called by. */
interface Leaf {
  part: string
  text: string
  title: boolean
}

export function changedParts(
  before: unknown,
  after: unknown,
  words: PartWords,
  names: Record<string, string>,
): Line[] {
  const was = leavesOf(before, words, names)
  const is = leavesOf(after, words, names)
  const lines = [...new Set([...was.keys(), ...is.keys()])].flatMap((place): Line[] => {
    const [old, now] = [was.get(place), is.get(place)]
    if (old?.text === now?.text) return []
    // What comes or goes has said its name already.
    if ((now ?? old)!.title && !(old && now)) return []
    return [{ part: (now ?? old)!.part, before: old?.text ?? '', after: now?.text ?? '' }]
  })
  const order = JSON.stringify(before) !== JSON.stringify(after) && [before, after].every(Array.isArray)
  return lines.length === 0 && order ? [{ part: '', before: '', after: i18n.global.t('desk.reordered') }] : lines
}

/** By their place: the keys, and what items of lists are known by. */
function leavesOf(value: unknown, words: PartWords, names: Record<string, string>): Map<string, Leaf> {
  const found = new Map<string, Leaf>()
  const called = (key: string, depth: number) =>
    words.part?.(key, depth) ?? names[key] ?? textOrNull(`desk.part.${key}`) ?? key
  const read = (one: unknown, key: string): string => {
    if (typeof one === 'boolean') return i18n.global.t(one ? 'action.yes' : 'action.no')
    return words.value?.(String(one), key) ?? names[String(one)] ?? String(one)
  }
  const put = (place: string[], path: string[], text: string, title = false) =>
    found.set(place.join('\n'), { part: path.join(' · '), text, title })
  const walk = (one: unknown, place: string[], path: string[], title = false): void => {
    const key = place.at(-1) ?? ''
    if (one === null || one === undefined || one === '') return
    if (Array.isArray(one) && !one.some(isObject)) {
      if (one.length > 0) put(place, path, one.map((each) => read(each, key)).join(comma()))
    } else if (Array.isArray(one)) {
      one.forEach((item, at) => walkItem(item as Json, place, path, at))
    } else if (isObject(one)) {
      for (const [name, inner] of Object.entries(one))
        walk(inner, [...place, name], [...path, called(name, path.length)])
    } else put(place, path, read(one, key), title)
  }
  const walkItem = (item: Json, place: string[], path: string[], at: number): void => {
    if (!isObject(item)) return
    const by = IDENTITY.find((name) => typeof item[name] === 'string' && item[name])
    const id = by ? String(item[by]) : `${at + 1}`
    const title = [...path, titleOf(item) ?? called(id, path.length)]
    // That it is there is something by itself.
    put([...place, id], title, i18n.global.t('desk.there'))
    for (const [name, inner] of Object.entries(item))
      if (name !== by && inner !== false)
        walk(inner, [...place, id, name], [...title, called(name, title.length)], name === 'name')
  }
  walk(value, [], [])
  return found
}

function titleOf(item: Json): string | null {
  const other = language.value === 'en' ? item.name_en : language.value === 'zh-TW' ? item.name_tw : null
  const name = other || item.name
  return typeof name === 'string' && name ? name : null
}

const ID = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/

/** The ids that stand anywhere in a value. */
export function idsIn(value: unknown): string[] {
  if (typeof value === 'string') return ID.test(value) ? [value] : []
  if (Array.isArray(value)) return value.flatMap(idsIn)
  return isObject(value) ? Object.entries(value).flatMap(([key, one]) => [...idsIn(key), ...idsIn(one)]) : []
}
