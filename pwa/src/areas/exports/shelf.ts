/**
 * The exports of this person: asked for here, or found again after the page was loaded anew. What was asked for here is
 * fetched by itself when the company has made it; what was found waits to be tapped. A file that has arrived is thrown
 * away at the company.
 */
import { reactive } from 'vue'
import { ApiError, request, saveFile } from '@/api/client'
import type { components } from '@/generated/api'
import { sentence } from '@/ui/problems'
import { fetchFile, untilOnline } from './fetching'

type State = components['schemas']['ExportState']
export type Asked = components['schemas']['Asked']

export interface Shelved {
  id: string
  asked: Asked
  title: string
  /** making and fetching go by themselves; ready waits for a tap; saved is over, failed can be started again. */
  stage: 'making' | 'ready' | 'fetching' | 'saved' | 'failed'
  /** Why it failed. */
  text: string
  rows: number
  size: number
  bytes: number
  /** For the network. */
  waiting: boolean
}

export const shelf = reactive<Shelved[]>([])
const stopping = new Map<string, AbortController>()
/** Between two looks, in milliseconds: most files are made at once, some take minutes. */
const FIRST_PULSE = 200
const PULSE = 1_000
const SAVED_FOR = 6_000

const address = (id: string) => `/api/exports/${encodeURIComponent(id)}`
const titleOf = (state: State) => state.asked.title || state.file_name

function put(state: State): Shelved {
  const entry: Shelved = {
    id: state.id,
    asked: state.asked,
    title: titleOf(state),
    stage: state.state === 'done' ? 'ready' : state.state === 'failed' ? 'failed' : 'making',
    text: state.text,
    rows: state.rows,
    size: state.size,
    bytes: 0,
    waiting: false,
  }
  shelf.push(entry)
  stopping.set(entry.id, new AbortController())
  return shelf.at(-1)!
}

function takeOff(id: string): void {
  stopping.get(id)?.abort()
  stopping.delete(id)
  const at = shelf.findIndex((one) => one.id === id)
  if (at >= 0) shelf.splice(at, 1)
}

/** Asks for a file; it is fetched when it is there. Throws `ApiError` where it cannot be asked for. */
export async function startExport(asked: Partial<Asked> & Pick<Asked, 'kind' | 'of'>): Promise<void> {
  const entry = put(await request<State>('/api/exports', { method: 'POST', json: asked }))
  void watchAndFetch(entry)
}

async function watchAndFetch(entry: Shelved): Promise<void> {
  await watch(entry)
  if (entry.stage === 'ready') await take(entry)
}

/** Until it is made, or has failed. */
async function watch(entry: Shelved): Promise<void> {
  const signal = stopping.get(entry.id)?.signal
  for (let pause = FIRST_PULSE; entry.stage === 'making' && signal && !signal.aborted; pause *= 2) {
    await untilOnline(Math.min(pause, PULSE))
    try {
      const state = await request<State>(address(entry.id), { signal })
      Object.assign(entry, { rows: state.rows, size: state.size, title: titleOf(state), waiting: false })
      if (state.state === 'done') entry.stage = 'ready'
      else if (state.state === 'failed') fail(entry, state.text)
    } catch (problem) {
      if (isPassing(problem)) entry.waiting = true
      else fail(entry, sentence(problem))
    }
  }
}

/** It is still there: without network, and until one has signed in again. */
const isPassing = (problem: unknown) =>
  problem instanceof ApiError && (problem.offline || problem.status === 401 || problem.status >= 500)

function fail(entry: Shelved, text: string): void {
  Object.assign(entry, { stage: 'failed', text, waiting: false })
}

/** Fetches it, and goes on after every cut. */
export async function take(entry: Shelved): Promise<void> {
  const signal = stopping.get(entry.id)?.signal
  if (!signal || entry.stage !== 'ready') return
  entry.stage = 'fetching'
  try {
    const tell = (bytes: number, waiting: boolean) => Object.assign(entry, { bytes, waiting })
    const state = await request<State>(address(entry.id), { signal })
    saveFile(await fetchFile(`${address(entry.id)}/file`, { size: state.size, tell, signal }), state.file_name)
    entry.stage = 'saved'
    await forget(entry.id)
    setTimeout(() => takeOff(entry.id), SAVED_FOR)
  } catch (problem) {
    if (signal.aborted) return
    if (isPassing(problem)) Object.assign(entry, { stage: 'ready', waiting: false })
    else fail(entry, sentence(problem))
  }
}

/** Throws it away, here and at the company. */
export async function drop(entry: Shelved): Promise<void> {
  takeOff(entry.id)
  await forget(entry.id)
}

/** What is not forgotten now the company forgets by itself. */
const forget = (id: string) => request(address(id), { method: 'DELETE' }).catch(() => undefined)

/** The same once more, of what is there now. */
export async function again(entry: Shelved): Promise<void> {
  try {
    await startExport(entry.asked)
    await drop(entry)
  } catch (problem) {
    fail(entry, sentence(problem))
  }
}

/** Those that were asked for before this page was loaded. */
export async function findAgain(): Promise<void> {
  const { items } = await request<{ items: State[] }>('/api/exports')
  for (const state of [...items].reverse()) {
    if (!shelf.some((one) => one.id === state.id)) void watch(put(state))
  }
}

/** Leaves everything as it is at the company. */
export function clear(): void {
  for (const { id } of [...shelf]) takeOff(id)
}
