/**
 * The one offline engine of this tab, made when it is first asked for (a lazy chunk: IndexedDB code is not part of the
 * first load), and what the shell needs of it.
 */
import { shallowRef, watch, type App } from 'vue'
import { browserEnvironment } from '@/sync/environment'
import { Engine } from '@/sync/engine'
import { appReducers } from '@/sync/reducers'
import { provideEngine } from '@/sync/vue'
import { boxes, type Paper, type PaperLine } from '@/areas/approvals/papers'
import { needing } from '@/areas/sync/needing'
import { declarations } from '@/ui/declarations'
import { setTimeZone } from '@/ui/format'
import { setLayouts, type LayoutRow } from '@/ui/layout'
import { setTemplates, type TemplateRow } from '@/ui/look'
import { setOwnFields, type OwnFieldRow } from '@/ui/own'
import { setTables, type OwnTable } from '@/ui/tables'
import { setFieldRights } from '@/ui/rights'
import { setSwitches } from '@/ui/switches'
import { provideOtherRefs } from '@/ui/refs'
import { refsOf } from './lookups'
import { setMenuNames } from './menu'
import { useSession, type DeviceInfo, type Me } from './session'
import { syncStatus } from './status'
import { toDecide, unread } from './unread'
import { version } from '../../package.json'

// Each area's reducers register themselves: what its commands do to the rows on this device before the server answers.
import.meta.glob('../areas/*/commands.ts', { eager: true })

let starting: Promise<Engine> | null = null

/** The engine, with its databases open or its status saying why they are not. */
export function engineFor(app: App): Promise<Engine> {
  starting ??= start(app).catch((error: unknown) => {
    starting = null // asked for again, it may succeed
    throw error
  })
  return starting
}

async function start(app: App): Promise<Engine> {
  const engine = new Engine(browserEnvironment(), { declarations: declarations(), version })
  provideEngine(app, engine)
  provideOtherRefs((record) => refsOf(engine, record))
  const session = useSession()
  // Conflicts are rows: the shell counts them as the sync page does.
  let needsYou: number | null = null
  const ownRows = shallowRef<OwnFieldRow[]>([])
  const show = (status = engine.status.value) => {
    syncStatus.value = needsYou === null ? status : { ...status, needsYou }
    if (status.state === 'needs_login') session.expire()
    session.adopt(remembered(engine))
  }
  engine.status.subscribe(show)
  await engine.start()
  show()
  if (engine.status.value.state !== 'blocked_storage') {
    engine.live(
      [{ type: 'own_field' }],
      () => engine.rows('own_field'),
      (rows) => (ownRows.value = rows as unknown as OwnFieldRow[]),
    )
    const ownTables = shallowRef<OwnTable[]>([])
    engine.live(
      [{ type: 'own_table' }],
      () => engine.rows('own_table'),
      (rows) => (ownTables.value = rows as unknown as OwnTable[]),
    )
    const layouts = shallowRef<LayoutRow[]>([])
    engine.live(
      [{ type: 'layout' }],
      () => engine.rows('layout'),
      (rows) => (layouts.value = rows as unknown as LayoutRow[]),
    )
    watch(
      [ownRows, () => session.me?.role.id ?? null, () => session.me?.field_rights, layouts, ownTables],
      ([rows, role, rights, arranged, tables]) => {
        setOwnFields(rows, role)
        setTables(tables, role)
        setLayouts(arranged)
        setFieldRights(rights)
        appReducers.declare(declarations())
      },
      { immediate: true },
    )
    engine.live(
      [{ type: 'form_template' }],
      () => engine.rows('form_template'),
      (rows) => {
        const found = rows as unknown as TemplateRow[]
        setTemplates(found)
        if (found.some((row) => row.in_force && row.picture))
          void import('@/ui/look/pictures').then(({ keepPictures }) => keepPictures(found))
      },
    )
    engine.live(
      [{ type: 'company' }],
      () => engine.rows('company'),
      (rows) => {
        const zone = rows[0]?.time_zone
        if (typeof zone === 'string') setTimeZone(zone)
        setMenuNames(rows[0]?.menu_names)
        setSwitches(rows[0])
      },
    )
    engine.live(
      [{ type: 'notification' }],
      async () => (await engine.rows('notification')).filter((row) => !row.read_at).length,
      (count) => (unread.value = count),
    )
    engine.live(
      [{ type: 'approval' }, { type: 'approval_step' }],
      async () =>
        boxes(
          (await engine.rows('approval')) as Paper[],
          (await engine.rows('approval_step')) as PaperLine[],
          engine.me?.id ?? '',
        ).waiting.length,
      (count) => (toDecide.value = count),
    )
    engine.live(
      [{ type: '$outbox' }, { type: 'conflict' }],
      async () => needing(await engine.needsYou(), await engine.rows('conflict'), engine.me?.id ?? null).count,
      (count) => {
        needsYou = count
        show()
      },
    )
  }
  return engine
}

export function remembered(engine: Engine): Me | null {
  return engine.me as Me | null
}

/** Who this device is, for a login; a new identity where it shared its own with another phone. */
export async function deviceInfo(engine: Engine): Promise<DeviceInfo> {
  const { device, publicKey } = await engine.enrolment()
  return { id: device, name: deviceName(navigator.userAgent), public_key: publicKey }
}

/** What people call such a device, for the list of devices: "iPhone · Safari". At most 80 characters. */
export function deviceName(agent: string): string {
  const machine =
    /iPhone|iPad/.exec(agent)?.[0] ??
    /Android[^;)]*;\s*([^;)]+?)(?:\s+Build|[;)])/.exec(agent)?.[1]?.trim() ??
    /Android|Windows|Macintosh|CrOS|Linux/.exec(agent)?.[0] ??
    ''
  const browser = /MicroMessenger|Edg(?=\/)|Firefox|HuaweiBrowser|MiuiBrowser|Chrome|Safari/.exec(agent)?.[0] ?? ''
  return [machine.replace('Macintosh', 'Mac'), browser.replace(/^Edg$/, 'Edge')]
    .filter(Boolean)
    .join(' · ')
    .slice(0, 80)
}
