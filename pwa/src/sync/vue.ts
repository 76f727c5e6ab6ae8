/** The engine for components: thin, and the only file here that knows Vue. */

import {
  getCurrentScope,
  hasInjectionContext,
  inject,
  onScopeDispose,
  readonly,
  ref,
  shallowRef,
  toValue,
  watch,
  type App,
  type InjectionKey,
  type MaybeRefOrGetter,
  type Ref,
  type ShallowRef,
} from 'vue'
import type { SubmitOptions } from './actions'
import type { Engine } from './engine'
import type { Interest } from './live'
import type { SyncStatus } from './status'
import type { Mark, OutboxOp, Row } from './types'

const ENGINE: InjectionKey<Engine> = Symbol('sync engine')
let appEngine: Engine | null = null

/** Makes the engine known to the app; `app.use` is not needed in tests that pass their own by `provideEngine`. */
export function provideEngine(app: App, engine: Engine): void {
  app.provide(ENGINE, engine)
  appEngine = engine
}

/** The engine; outside of components (router guards, stores) the app's one. */
export function useEngine(): Engine {
  const engine = (hasInjectionContext() ? inject(ENGINE, null) : null) ?? appEngine
  if (!engine) throw new Error('provideEngine was not called')
  return engine
}

export function useSyncStatus(): Readonly<ShallowRef<SyncStatus>> {
  const engine = useEngine()
  const status = shallowRef(engine.status.value)
  dispose(engine.status.subscribe((value) => (status.value = value)))
  return status
}

/** undefined while it is being read, null when there is no such row on this phone. */
export function useRow<T extends Row = Row>(
  type: string,
  id: MaybeRefOrGetter<string | null | undefined>,
): Readonly<ShallowRef<T | null | undefined>> {
  const engine = useEngine()
  return liveRef<T | null | undefined, string | null>(
    undefined,
    () => toValue(id) ?? null,
    (key) => (key === null ? [] : [{ type, id: key }]),
    async (key) => (key === null ? null : (((await engine.get(type, key)) as T | undefined) ?? null)),
  )
}

export interface RowsOptions<T> {
  /** An indexed field (references, `root`) and its value; null while the value is not known: no rows. */
  index?: string
  value?: MaybeRefOrGetter<string | null | undefined>
  filter?: (row: T) => boolean
  sort?: (a: T, b: T) => number
  limit?: number
}

/** undefined while the first answer is being read. Rows are plain objects, replaced as a whole list; do not change them. */
export function useRows<T extends Row = Row>(
  type: string,
  options: RowsOptions<T> = {},
): Readonly<ShallowRef<T[] | undefined>> {
  const engine = useEngine()
  const { index, filter, sort, limit } = options
  return liveRef<T[] | undefined, string | null>(
    undefined,
    () => (index === undefined ? '' : (toValue(options.value) ?? null)),
    () => [{ type }],
    async (value) => {
      if (value === null) return []
      let rows = (await engine.rows(type, index === undefined ? undefined : { index, value })) as T[]
      if (filter) rows = rows.filter(filter)
      if (sort) rows.sort(sort)
      return limit === undefined ? rows : rows.slice(0, limit)
    },
  )
}

/** The mark of one row: on this phone · sending · at the company · needs you. */
export function useMark(type: string, id: MaybeRefOrGetter<string>): Readonly<ShallowRef<Mark>> {
  const engine = useEngine()
  return liveRef<Mark, string>(
    'company',
    () => toValue(id),
    (key) => [{ type: '$outbox' }, { type, id: key }],
    (key) => engine.markOf(type, key),
  )
}

/** Marks of all rows of a type that are not simply at the company, for lists. */
export function useMarks(type: string): Readonly<ShallowRef<ReadonlyMap<string, Mark>>> {
  const engine = useEngine()
  return liveRef<ReadonlyMap<string, Mark>, null>(
    new Map(),
    () => null,
    () => [{ type: '$outbox' }, { type }],
    () => engine.marksOf(type),
  )
}

/** Ops the user has to look at: held, adjusted, in conflict, rejected. Oldest first. */
export function useNeedsYou(): Readonly<ShallowRef<OutboxOp[]>> {
  const engine = useEngine()
  return liveRef<OutboxOp[], null>(
    [],
    () => null,
    () => [{ type: '$outbox' }],
    () => engine.needsYou(),
  )
}

export function submit(
  command: string,
  args: Record<string, unknown>,
  options?: SubmitOptions,
): Promise<{ id: string }> {
  return useEngine().submit(command, args, options)
}

export interface DraftHandle<T> {
  /** The form's value; every change is stored half a second later, and at once when the page is left. */
  value: Ref<T>
  /** True once a stored draft, if there was one, is in `value`. */
  loaded: Readonly<Ref<boolean>>
  /** Whether `value` came back from an earlier time. */
  restored: Readonly<Ref<boolean>>
  /** Give it to `submit` as `draft`: the op and the end of its draft are one transaction. */
  key: string
  /** Throws the draft away and starts anew. */
  drop(): Promise<void>
}

const SAVE_AFTER = 500

/** A form that comes back as it was. `initial` makes a new empty one. */
export function useDraft<T>(key: string, initial: () => T): DraftHandle<T> {
  const engine = useEngine()
  const value = ref(initial()) as Ref<T>
  const loaded = ref(false)
  const restored = ref(false)
  let timer: ReturnType<typeof setTimeout> | undefined
  let quiet = false
  let saving: Promise<void> = Promise.resolve()
  const save = (): void => {
    if (timer === undefined) return
    clearTimeout(timer)
    timer = undefined
    saving = engine.saveDraft(key, JSON.parse(JSON.stringify(value.value))).catch(console.error)
  }
  const set = (next: T): void => {
    quiet = true
    value.value = next
  }
  watch(
    value,
    () => {
      // What was read is not written back; neither is what stands there before the stored draft is known.
      if (quiet || !loaded.value) {
        quiet = false
        return
      }
      clearTimeout(timer)
      timer = setTimeout(save, SAVE_AFTER)
    },
    { deep: true, flush: 'sync' },
  )
  void engine
    .draft<T>(key)
    .then((stored) => {
      if (stored !== undefined) {
        set(stored)
        quiet = false
        restored.value = true
      }
    })
    .catch(console.error)
    .finally(() => (loaded.value = true))
  const hidden = (): void => {
    if (document.visibilityState === 'hidden') save()
  }
  document.addEventListener('visibilitychange', hidden)
  const submitted = engine.onChanges((changes) => {
    if (!changes.get('$drafts')?.has(key)) return
    clearTimeout(timer)
    timer = undefined
    void saving.then(() => engine.dropDraft(key)).catch(console.error)
  })
  dispose(() => {
    submitted()
    save()
    document.removeEventListener('visibilitychange', hidden)
  })
  return {
    value,
    loaded: readonly(loaded),
    restored: readonly(restored),
    key,
    drop: async () => {
      clearTimeout(timer)
      timer = undefined
      await engine.dropDraft(key)
      set(initial())
      quiet = false
      restored.value = false
    },
  }
}

/** A shallowRef that follows a live query, which starts anew when its key changes. */
function liveRef<T, K>(
  initial: T,
  key: () => K,
  interests: (key: K) => Interest[],
  read: (key: K) => Promise<T>,
): ShallowRef<T> {
  const engine = useEngine()
  const result = shallowRef(initial) as ShallowRef<T>
  let stop = (): void => {}
  watch(
    key,
    (now) => {
      stop()
      stop = engine.live(
        interests(now),
        () => read(now),
        (value) => (result.value = value),
      )
    },
    { immediate: true },
  )
  dispose(() => stop())
  return result
}

function dispose(run: () => void): void {
  if (getCurrentScope()) onScopeDispose(run)
}
