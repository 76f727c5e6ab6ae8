/**
 * The small parts of the start page and what the to-do counts. Each is declared once, by the area that owns it, in
 * `areas/<area>/portal.ts`; the page, the screen where one arranges it, and the defaults follow.
 *
 * To add a part: its component (a card, see `PartCard.vue`), an entry in the area's `portal.ts`, its words in
 * `portal/i18n.*.json`, and its place in `arranging.ts`.
 */
import type { Component, ComputedRef, InjectionKey } from 'vue'
import type { RouteLocationRaw } from 'vue-router'
import type { Layout } from '@/app/appearance'
import type { Audience } from '@/app/session'
import { TODOS } from './arranging'

interface Sized extends Audience {
  /** The sizes it fits; without: all. */
  sizes?: readonly Layout[]
}

export interface Part extends Sized {
  /** `area.part`. It stands in arrangements that people keep, so it stays. */
  name: string
  icon: string
  /** Takes the whole width of tablet and desk. */
  wide?: boolean
  /** Areas whose words it speaks beside those of its own. */
  words?: readonly string[]
  load: () => Promise<{ default: Component }>
}

/** One thing that waits. Without `n` it is a single one, said in `args`. */
export interface TodoLine {
  /** Null while it is not known. */
  n?: number | null
  /** There are more than that. */
  capped?: boolean
  args?: Record<string, unknown>
  to: RouteLocationRaw
  /** What it is worth together, decimal text. */
  total?: string | null
  /** Since when the oldest waits. */
  since?: string | null
  /** What is shown is from then (milliseconds since 1970) and could not be brought up to date. */
  old?: number | null
  error?: unknown
}

export interface Todo extends Sized {
  /** `area.what`: the words are `portal.todo.<area>.<what>` and, at the desk, `…_text` below. */
  name: string
  icon: string
  /** Somebody waits for it; without, it is simply on its way and only shown at the desk. */
  urgent: boolean
  /** Not said again where this part says it. */
  unless?: string
  /** Called while a component is set up. */
  use: () => ComputedRef<TodoLine[] | null>
}

export interface Portal {
  parts?: readonly Part[]
  todos?: readonly Todo[]
}

/** The names of the parts that stand on the same page. */
export const BESIDE: InjectionKey<ComputedRef<readonly string[]>> = Symbol('parts on this page')

const found = import.meta.glob<Portal>('../*/portal.ts', { eager: true, import: 'default' })
const portals = Object.values(found)

export const allParts: readonly Part[] = portals.flatMap(({ parts }) => parts ?? [])
export const allTodos: readonly Todo[] = portals
  .flatMap(({ todos }) => todos ?? [])
  .sort((a, b) => TODOS.indexOf(a.name) - TODOS.indexOf(b.name))

export const fits = (one: Sized, layout: Layout): boolean => one.sizes?.includes(layout) ?? true

/** Words of a part or a to-do, under `portal.part` and `portal.todo`. */
export const partKey = ({ name }: Part): string => `portal.part.${name}`
export const todoKey = ({ name }: Todo): string => `portal.todo.${name}`
