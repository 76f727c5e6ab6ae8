/** What the server answers about devices, kept ops and itself, and what of it deserves a second look. */

export interface DeviceState {
  id: string
  name: string
  employee_id: string
  employee: string
  signed_in_at: string | null
  contact_at: string | null
  app: string | null
  outdated: boolean
  waiting: number | null
  oldest_at: string | null
  cloned_at: string | null
  revoked_at: string | null
  may_revoke: boolean
}

export interface ServerState {
  version: string
  at: string
  epoch: string
  position: number
  lag: number
  lag_seconds: number
  engine: 'sqlite' | 'postgresql'
  database_bytes: number
  kept: Record<string, number>
  photos_waiting: number
  devices_waiting: number
  ops_waiting: number
  writer_waiting: number
}

export interface KeptOp {
  device_id: string
  device: string | null
  op_id: string
  employee: string
  command: string
  version: number
  made_at: string | null
  received_at: string
  code: string
  args: Record<string, unknown>
}

export interface ImportedOp {
  id: string
  employee: string
  command: string
  at: string | null
  status: string
  code: string | null
  known: boolean
}

export interface ImportAnswer {
  device_id: string
  employee: string
  exported_at: string
  app: string
  ops: ImportedOp[]
  photos: number
  /** Hashes of pictures that lie beside the file and are still to come. */
  beside: string[]
}

/** How many operations of a file took effect, were there before, and need a look. */
export function sums(ops: readonly ImportedOp[]): { done: number; known: number; look: number } {
  const fresh = ops.filter((op) => !op.known)
  const look = fresh.filter((op) => op.status === 'held' || op.status === 'rejected' || op.status === 'conflict')
  return { done: fresh.length - look.length, known: ops.length - fresh.length, look: look.length }
}

export type Look = 'waiting' | 'silent' | 'outdated' | 'cloned'

/** Milliseconds: a rep who has not been online for a week has a broken phone, or left. */
const SILENT = 7 * 86_400_000
/** Milliseconds: what waits longer than two days is no bad reception any more. */
const STALE = 2 * 86_400_000

const since = (value: string | null, now: number) => (value ? now - new Date(value).getTime() : 0)

export const lastHeard = (device: DeviceState) => device.contact_at ?? device.signed_in_at
export const isSilent = (device: DeviceState, now: number) =>
  !device.revoked_at && since(lastHeard(device), now) > SILENT
export const isStale = (device: DeviceState, now: number) =>
  (device.waiting ?? 0) > 0 && since(device.oldest_at, now) > STALE

const looks: Record<Look, (device: DeviceState, now: number) => boolean> = {
  waiting: (device) => (device.waiting ?? 0) > 0,
  silent: isSilent,
  outdated: (device) => device.outdated && !device.revoked_at,
  cloned: (device) => device.cloned_at !== null,
}

export function chosen(
  devices: readonly DeviceState[],
  look: Look | null,
  words: string,
  now: number,
): DeviceState[] {
  const wanted = words.trim().toLowerCase()
  return devices.filter(
    (device) =>
      (!look || looks[look](device, now)) &&
      (!wanted || `${device.employee} ${device.name}`.toLowerCase().includes(wanted)),
  )
}

export function counts(devices: readonly DeviceState[], now: number): Record<Look, number> {
  const of = (look: Look) => devices.filter((device) => looks[look](device, now)).length
  return { waiting: of('waiting'), silent: of('silent'), outdated: of('outdated'), cloned: of('cloned') }
}
