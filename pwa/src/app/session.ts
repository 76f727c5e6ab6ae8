/** Who is logged in, what they may do, and how that survives without network. */
import { computed, ref, shallowRef, type Ref } from 'vue'
import { defineStore } from 'pinia'
import { ApiError, onExpired, request } from '@/api/client'
import type { RailEntry } from './areas'
import type { FieldRight } from '@/ui/rights'
import { hasRecord } from '@/ui/switches'
import { baseOf, tableLets } from '@/ui/tables'
import * as deviceMemory from './deviceMemory'

export type Scope = 'own' | 'subordinates' | 'department' | 'all'

/** What `GET /api/me` answers: the employee's own record, the role, and operation → how far it reaches. */
export interface Me {
  id: string
  employee: {
    id: string
    real_name: string
    username: string
    department_id: string | null
    [field: string]: unknown
  }
  role: { id: string; name: string }
  permissions: Record<string, Scope>
  /** What the role may do less than everything with amounts and numbers. */
  field_rights?: Record<string, FieldRight>
  device_id: string | null
}

/**
 * - `unknown`: the device has not been asked yet
 * - `out`: nobody is logged in here
 * - `in`: logged in, or was when the network was last there
 * - `expired`: the server wants the password again; everything stays and waits
 */
export type SessionState = 'unknown' | 'out' | 'in' | 'expired'

const reach: Scope[] = ['own', 'subordinates', 'department', 'all']

/**
 * Whether somebody is logged in on this device (`in`, `out`; who it is stands in the local store), or has left without
 * the server knowing (`leaving`): its cookie still lives, and must not let the next person in.
 */
const FLAG = 'xunke.session'

export interface Credentials {
  username: string
  password: string
}

export interface DeviceInfo {
  id: string
  name: string
  public_key: string
}

/** What hangs on the session. The sync holds who is logged in, and starts and stops with it. */
export interface SessionHooks {
  /** Who this device remembers, null when nobody or when the store cannot be opened. */
  remembered(): Promise<Me | null>
  /** Sent with the login, so that the server knows the device and its key. */
  device(): Promise<DeviceInfo>
  loggedIn(me: Me): Promise<void>
  loggedOut(): Promise<void>
}

let hooks: SessionHooks
export function connectSession(next: SessionHooks): void {
  hooks = next
}

/** Products, lists and colleagues are everybody's to see; that makes nobody a manager. */
const COMMON = new Set(
  ['company', 'option', 'department', 'role', 'employee', 'product', 'notification_rule', 'alert_rule'].map(
    (of) => `${of}.view`,
  ),
)

/** Looks after others: some permission reaches beyond their own records, and beyond what the whole company reads. */
export const leadsWith = (permissions: Record<string, Scope>): boolean =>
  Object.entries(permissions).some(([permission, value]) => reach.indexOf(value) > 0 && !COMMON.has(permission))

/** For whom something is shown at all. */
export interface Audience {
  /** Shown only to those who have it. */
  permission?: string
  /** Only in companies that have such records (ui/switches.ts). */
  record?: string
  /** Only to those who look after others (a data scope beyond their own). */
  managers?: boolean
  /** Only while there is something behind it. */
  while?: Readonly<Ref<boolean>>
}

/** Who looks: the session is one, a role another. */
export interface Person {
  can: (permission: string) => boolean
  leads: boolean
}

export const isFor = (one: Audience, who: Person): boolean =>
  (!one.permission || who.can(one.permission)) &&
  (!one.record || hasRecord(one.record)) &&
  (!one.managers || who.leads) &&
  (one.while?.value ?? true)

export const useSession = defineStore('session', () => {
  const state = ref<SessionState>('unknown')
  const me = shallowRef<Me | null>(null)

  const can = (permission: string): boolean => scope(permission) !== null
  /** In a table of the company's own as far as the role reaches, where the table lets it. */
  function scope(permission: string): Scope | null {
    const [record = '', operation = ''] = permission.split('.')
    const base = baseOf(record)
    const reaches = me.value?.permissions[base === record ? permission : `${base}.${operation}`] ?? null
    return base === record || (reaches !== null && tableLets(record, operation, reaches)) ? reaches : null
  }
  const leads = computed(() => leadsWith(me.value?.permissions ?? {}))

  /** Whether a rail entry is for this person. */
  const sees = (entry: RailEntry): boolean =>
    isFor(entry, { can, leads: leads.value }) &&
    !(entry.unlessForOthers && reach.indexOf(scope(entry.unlessForOthers) ?? 'own') > 0)

  const name = computed(() => me.value?.employee.real_name ?? '')

  function remember(next: Me): void {
    me.value = next
    state.value = 'in'
    deviceMemory.remember(FLAG, 'in')
  }

  /** At start: what this device remembers is enough to work; the server is asked beside it. */
  async function restore(): Promise<void> {
    const kept = deviceMemory.remembered(FLAG) === 'in' ? await hooks.remembered().catch(() => null) : null
    if (kept) {
      remember(kept)
      void refresh().catch((error: unknown) => console.error(error))
      return
    }
    state.value = 'out'
    const flag = deviceMemory.remembered(FLAG)
    if (flag === 'leaving') void leave()
    // The browser may have cleared everything but the session cookie.
    else if (flag !== 'out' && navigator.onLine) await refresh()
  }

  /** Asks who we are. Offline and server trouble change nothing. */
  async function refresh(): Promise<void> {
    let next: Me
    try {
      next = await request<Me>('/api/me', { timeout: 10_000 })
    } catch (error) {
      if (error instanceof ApiError) return
      throw error
    }
    const fresh = me.value?.id !== next.id || state.value !== 'in'
    remember(next)
    if (fresh) await hooks.loggedIn(next)
  }

  /** Opens this device's databases while somebody types: a browser that keeps nothing is noticed before the password. */
  async function prepare(): Promise<void> {
    await hooks.remembered().catch((error: unknown) => console.error(error))
  }

  /** Throws ApiError: `login_failed`, `login_throttled`, `account_disabled`, `device_revoked`, `offline`, … */
  async function login(credentials: Credentials): Promise<void> {
    const device = await hooks.device()
    const next = await request<Me>('/api/login', { method: 'POST', json: { ...credentials, device } })
    await hooks.loggedIn(next)
    remember(next)
  }

  /** Ends the session here even when the server cannot be told; unsent work stays in the outbox for the next login. */
  async function logout(): Promise<void> {
    me.value = null
    state.value = 'out'
    await leave()
    await hooks.loggedOut()
  }

  async function leave(): Promise<void> {
    deviceMemory.remember(FLAG, 'leaving')
    try {
      await request('/api/logout', { method: 'POST', timeout: 5_000 })
    } catch (error) {
      // A 401 means that the session had ended anyway; without an answer it is told at the next start.
      if (!(error instanceof ApiError && error.status === 401)) return
    }
    if (state.value === 'out') deviceMemory.remember(FLAG, 'out')
  }

  /** The sync brought what the company says of us now: another role, or other rights. */
  function adopt(next: Me | null): void {
    if (!next || state.value !== 'in' || next.id !== me.value?.id) return
    if (JSON.stringify(next) !== JSON.stringify(me.value)) me.value = next
  }

  /** The sync has met a 401, or somebody logged in in another tab. */
  function expire(): void {
    if (state.value === 'in') state.value = 'expired'
  }
  onExpired(expire)

  return { state, me, name, can, scope, leads, sees, restore, refresh, prepare, login, logout, adopt, expire }
})
