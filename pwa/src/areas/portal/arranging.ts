/** In which order the parts of a start page stand and which are shown: what the product has, what the company says for a
 * role, and what a person has made of it. */
import type { Layout } from '@/app/appearance'

/** As it is kept (`start_page.parts`): without `shown` the part is there where the product has it by itself. */
export interface Placed {
  part: string
  shown?: boolean
}

/** Whose page it is, as far as the product tells people apart. */
export type Kind = 'field' | 'leader'

interface Usual {
  part: string
  /** Sizes on which it is shown by itself. */
  on: readonly Layout[]
}
const everywhere: readonly Layout[] = ['phone', 'tablet', 'desk']
const wide: readonly Layout[] = ['tablet', 'desk']
const phone: readonly Layout[] = ['phone']
const usual = (on: readonly Layout[], ...parts: string[]): Usual[] => parts.map((part) => ({ part, on }))

/** Who is out in the field begins with the day; who looks after others with what waits and with the team. */
export const USUAL: Record<Kind, readonly Usual[]> = {
  field: [
    ...usual(everywhere, 'today.figures', 'portal.todo', 'today.day', 'followups.due'),
    ...usual(everywhere, 'office.today', 'worklogs.today'),
    ...usual(everywhere, 'targets.mine'),
    ...usual(wide, 'office.notices', 'notifications.latest', 'customers.funnel'),
  ],
  leader: [
    ...usual(everywhere, 'portal.todo'),
    ...usual(wide, 'company.setup'),
    ...usual(everywhere, 'team.today'),
    ...usual(phone, 'today.figures', 'today.day'),
    ...usual(everywhere, 'followups.due', 'office.today'),
    ...usual(phone, 'worklogs.today'),
    ...usual(everywhere, 'targets.mine', 'team.suspects', 'customers.funnel'),
    ...usual(wide, 'office.notices', 'notifications.latest'),
  ],
}

/** What is told first of what waits: what is one's own, then what others wait for, then what is simply on its way. */
export const TODOS: readonly string[] = [
  'sync.needs_you',
  'approvals.waiting',
  'approvals.returned',
  'followups.due',
  'followups.complaints',
  'followups.trials',
  'alerts.standing',
  'worklogs.missing',
  'team.unread_reports',
  'orders.to_approve',
  'orders.held',
  'conflicts.open',
  'orders.pending',
  'orders.picking',
  'orders.unbooked',
  'devices.kept',
  'orders.shipped',
  'customers.pool',
]

export interface Place {
  part: string
  shown: boolean
  /** What somebody has said; undefined: nothing. */
  said: boolean | undefined
}

/**
 * All parts in their order. Those that an arrangement does not name, of a newer version or a right that came later, stand
 * behind what stands before them by default; those it names and this app does not know are left out here and kept when
 * it is saved (`toKeep`).
 */
export function arranged(
  known: readonly string[],
  kind: Kind,
  layout: Layout,
  ...said: readonly (readonly Placed[] | null | undefined)[]
): Place[] {
  const chosen = said.find((one) => one != null) ?? []
  const usually = new Map(USUAL[kind].map(({ part, on }) => [part, on]))
  const order = [...usually.keys(), ...known.filter((part) => !usually.has(part))].filter((part) =>
    known.includes(part),
  )
  const names = [...new Set(chosen.map(({ part }) => part))].filter((part) => known.includes(part))
  for (const [at, part] of order.entries()) {
    if (names.includes(part)) continue
    const before = order
      .slice(0, at)
      .reverse()
      .find((one) => names.includes(one))
    names.splice(before === undefined ? 0 : names.indexOf(before) + 1, 0, part)
  }
  const words = new Map(chosen.map(({ part, shown }) => [part, shown]))
  return names.map((part) => {
    const own = words.get(part)
    return { part, shown: own ?? usually.get(part)?.includes(layout) ?? false, said: own }
  })
}

/** What is saved: every part in its order, with what was said of it, and those only another version knows. */
export function toKeep(places: readonly Place[], before: readonly Placed[] | null | undefined): Placed[] {
  const here = places.map(({ part, said }) => (said === undefined ? { part } : { part, shown: said }))
  const named = new Set(places.map(({ part }) => part))
  return [...here, ...(before ?? []).filter(({ part }) => !named.has(part))]
}

/** One of them elsewhere; `to` beyond an end stays there. */
export function moved<T>(items: readonly T[], from: number, to: number): T[] {
  const next = [...items]
  const [item] = next.splice(from, 1)
  if (item === undefined) return [...items]
  next.splice(Math.max(0, Math.min(to, next.length)), 0, item)
  return next
}

/** Shown or not from now on, on every size. */
export const turned = (places: readonly Place[], part: string, shown: boolean): Place[] =>
  places.map((place) => (place.part === part ? { ...place, shown, said: shown } : place))

/** What stands side by side on a wide screen: a wide part alone, the others between two of them in two columns. */
export interface Band<T> {
  key: string
  columns: T[][]
}
export function banded<T extends { name: string; wide?: boolean }>(parts: readonly T[], columns: number): Band<T>[] {
  const bands: Band<T>[] = []
  let open: T[] = []
  const close = () => {
    if (open.length === 0) return
    const count = Math.min(columns, open.length)
    const split = Array.from({ length: count }, (_, at) => open.filter((__, index) => index % count === at))
    bands.push({ key: open[0]!.name, columns: split })
    open = []
  }
  for (const part of parts) {
    if (columns > 1 && !part.wide) {
      open.push(part)
      continue
    }
    close()
    bands.push({ key: part.name, columns: [[part]] })
  }
  close()
  return bands
}
