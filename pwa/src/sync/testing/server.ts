/** A small company in memory that speaks docs/sync-protocol.md: enough of the server to test the client against.
 *
 * Customers belong to `customer:<id>` and may be held by whoever is in `holders`; notices belong to `company`. Edits
 * follow the policy `ask`. Faults are set per request through `fault`. */

import { answerDigest, type DigestQuestion } from './digest'
import type { FillAnswer, OpResult, PullPage, PushAnswer, Row, Shape, TypePage, WireOp } from '../types'

interface Cell {
  row: Row | null
  root: string
  position: number
}

interface Cursor {
  epoch: string
  employee: string
  position: number
  pin?: number
  after?: string
}

export interface Request {
  employee: string
  method: string
  path: string
  query: URLSearchParams
  headers: Headers
  json: () => unknown
  bytes: () => Uint8Array
}

export const problem = (status: number, code: string, more: object = {}): Response =>
  new Response(JSON.stringify({ code, detail: code, ...more }), { status })

export class ModelServer {
  epoch = 'epoch-1'
  /** Epochs it has come through, each with the last position it still has. */
  past: Record<string, number> = {}
  position = 0
  /** Tombstones up to here are gone. */
  floor = -1
  serverTime = '2026-11-21T12:00:00.000Z'
  pageSize = 2_000
  /** Rows an answer to a comparison has before it says "more". */
  digestSize = 2_000
  minSchema = 1
  mostOps = 200
  /** Rows that have moved beyond the bound of a running pull come with the next one only. */
  boundedPull = false
  /** The fields of each type, as this version of the server sends them. */
  columns: Record<string, string[]> = { customer: FIELDS, visit: FIELDS, notice: FIELDS }
  /** Pushes are answered with the word that another phone has the same identity. */
  clone = false
  readonly cells = new Map<string, Cell>()
  readonly results = new Map<string, OpResult>()
  /** Op id → how often it took effect; anything but 1 is a bug of somebody. */
  readonly effects = new Map<string, number>()
  /** "type/id/field" → every value it has had. */
  readonly history = new Map<string, Array<{ position: number; value: unknown }>>()
  readonly holders = new Map<string, Map<string, { live: boolean; position: number }>>()
  readonly blobs = new Map<string, number>()
  /** What has come of uploads that are not finished, by hash. */
  readonly uploads = new Map<string, { length: number; bytes: number }>()
  readonly requests: string[] = []
  readonly commands = new Map<string, (op: WireOp, employee: string) => Partial<OpResult> | null>()
  /** Answers instead of the server ('before' it works), or changes its answer afterwards. */
  before: ((request: Request) => Response | null | undefined | Promise<Response | null>) | null = null
  afterwards: ((request: Request, response: Response) => Response | Promise<Response>) | null = null

  fetchFor(employee: () => string): (url: string, init: RequestInit) => Promise<Response> {
    return async (url, init) => {
      const parsed = new URL(url, 'http://server')
      const request: Request = {
        employee: employee(),
        method: init.method ?? 'GET',
        path: parsed.pathname,
        query: parsed.searchParams,
        headers: new Headers(init.headers),
        json: () => JSON.parse(init.body as string),
        bytes: () => new Uint8Array((init.body as ArrayBuffer | undefined) ?? new ArrayBuffer(0)),
      }
      this.requests.push(`${request.method} ${request.path}`)
      const early = await this.before?.(request)
      if (early) return early
      const response = await this.handle(request)
      return this.afterwards ? this.afterwards(request, response) : response
    }
  }

  private async handle(request: Request): Promise<Response> {
    if (request.path === '/sync/v1/pull') return this.pull(request)
    if (request.path === '/sync/v1/push') return this.push(request)
    if (request.path === '/sync/v1/fill') return this.fill(request)
    if (request.path === '/sync/v1/digest') return this.digest(request)
    if (request.path.startsWith(UPLOADS)) return this.upload(request)
    return problem(404, 'not_found')
  }

  // ---- photos ----

  private upload({ method, path, headers, bytes }: Request): Response {
    const answer = (status: number, offset: number): Response =>
      new Response(null, { status, headers: { 'Upload-Offset': String(offset) } })
    const named = atob((headers.get('Upload-Metadata') ?? '').replace('sha256 ', ''))
    const hash = method === 'POST' ? named : path.slice(UPLOADS.length + 1)
    const body = bytes()
    const length = Number(headers.get('Upload-Length'))
    if (method === 'POST' && this.blobs.has(hash)) return answer(201, length)
    const upload = this.uploads.get(hash) ?? (method === 'POST' ? { length, bytes: 0 } : null)
    if (!upload) return problem(404, 'upload_missing')
    this.uploads.set(hash, upload)
    if (method === 'PATCH' && Number(headers.get('Upload-Offset')) !== upload.bytes) {
      return problem(409, 'upload_offset')
    }
    if (method === 'PATCH' || upload.bytes === 0) upload.bytes += body.length
    if (upload.bytes === upload.length && body.length > 0) {
      this.uploads.delete(hash)
      this.blobs.set(hash, (this.blobs.get(hash) ?? 0) + 1)
    }
    return answer(method === 'POST' ? 201 : 204, upload.bytes)
  }

  // ---- writing ----

  /** One transaction of somebody at the desk. */
  desk(work: () => void): number {
    this.position += 1
    work()
    return this.position
  }

  put(type: string, root: string, values: { id: string; [field: string]: unknown }): void {
    const key = `${type}/${values.id}`
    const before = this.cells.get(key)?.row
    const row = { ...before, ...values, rev: this.position, root } as Row
    this.cells.set(key, { row, root, position: this.position })
    for (const [field, value] of Object.entries(values)) {
      if (before?.[field] === value) continue
      const list = this.history.get(`${key}/${field}`) ?? []
      list.push({ position: this.position, value })
      this.history.set(`${key}/${field}`, list)
    }
  }

  remove(type: string, id: string): void {
    const cell = this.cells.get(`${type}/${id}`)
    if (cell) this.cells.set(`${type}/${id}`, { ...cell, row: null, position: this.position })
  }

  grant(employee: string, root: string, live = true): void {
    const roots = this.holders.get(employee) ?? new Map<string, { live: boolean; position: number }>()
    if ((roots.get(root)?.live ?? false) !== live) roots.set(root, { live, position: this.position })
    this.holders.set(employee, roots)
  }

  customer(id: string, values: object, holder?: string): void {
    this.desk(() => {
      this.put('customer', `customer:${id}`, { id, ...values })
      if (holder) this.grant(holder, `customer:${id}`)
    })
  }

  row(type: string, id: string): Row | null {
    return this.cells.get(`${type}/${id}`)?.row ?? null
  }

  visible(employee: string): Map<string, Row> {
    const found = new Map<string, Row>()
    for (const [key, { row, root }] of this.cells) {
      if (row && this.holds(employee, root)) found.set(key, row)
    }
    return found
  }

  private holds(employee: string, root: string): boolean {
    return root === 'company' || this.holders.get(employee)?.get(root)?.live === true
  }

  // ---- push ----

  private push(request: Request): Response {
    const { ops, device } = request.json() as { ops: WireOp[]; device: string }
    if (ops.length > this.mostOps) return problem(413, 'push_too_large')
    const results = ops.map((op) => this.runOnce(device, op, request.employee))
    return Response.json({
      position: this.position,
      results,
      ...(this.clone ? { clone: true } : {}),
    } satisfies PushAnswer)
  }

  private runOnce(device: string, op: WireOp, employee: string): OpResult {
    const key = `${device}/${op.id}`
    const stored = this.results.get(key)
    if (stored && stored.code !== 'needs_missing') return stored
    const needed = op.needs.map((need) => this.results.get(`${device}/${need}`))
    const held = (code: string): OpResult => this.result(op, { status: 'held', code })
    let result: OpResult
    if (needed.some((need) => need === undefined || need.code === 'needs_missing')) result = held('needs_missing')
    else if (needed.some((need) => need?.status === 'rejected')) {
      result = this.result(op, { status: 'rejected', code: 'needs_rejected' })
    } else {
      this.position += 1
      result = this.result(op, this.run(op, employee) ?? { status: 'held', code: 'unknown_command' })
      if (result.status !== 'rejected' && result.code !== 'unknown_command') {
        this.effects.set(op.id, (this.effects.get(op.id) ?? 0) + 1)
      }
    }
    this.results.set(key, result)
    return result
  }

  private result(op: WireOp, part: Partial<OpResult>): OpResult {
    return { id: op.id, status: 'applied', code: null, position: this.position, detail: {}, ...part }
  }

  private run(op: WireOp, employee: string): Partial<OpResult> | null {
    const own = this.commands.get(op.command)
    if (own) return own(op, employee)
    const [type, verb] = op.command.split('.') as [string, string]
    const args = op.args as { id: string; values?: object; set?: Record<string, [unknown, unknown]> }
    if (verb === 'create') {
      const values = args.values as { name?: string; customer_id?: string }
      if (values.name === 'forbidden')
        return { status: 'rejected', code: 'name_forbidden', detail: { field: 'name' } }
      const root = type === 'visit' ? `customer:${values.customer_id}` : `customer:${args.id}`
      this.put(type, root, { id: args.id, number: `N${this.position}`, ...values })
      if (type === 'customer') this.grant(employee, root)
      return {}
    }
    const row = this.row(type, args.id)
    if (!row) return { status: 'rejected', code: 'not_found' }
    if (verb === 'delete') {
      this.remove(type, args.id)
      return {}
    }
    if (verb !== 'edit') return null
    const apply: Record<string, unknown> = {}
    const conflicts: string[] = []
    for (const [field, [base, mine]] of Object.entries(args.set!)) {
      if (row[field] === base || (row[field] === undefined && base === null)) apply[field] = mine
      else if (row[field] !== mine) conflicts.push(field)
    }
    if (Object.keys(apply).length > 0) this.put(type, row.root, { id: args.id, ...apply })
    return conflicts.length > 0 ? { status: 'conflict', conflicts } : {}
  }

  // ---- pull ----

  private pull({ employee, query }: Request): Response {
    if (Number(query.get('schema')) < this.minSchema) return problem(426, 'upgrade_required')
    const given = decode(query.get('after') ?? query.get('cursor'))
    const usable = given?.epoch === this.epoch && given.employee === employee
    const common = { epoch: this.epoch, time_token: `token-${this.position}`, server_time: this.serverTime }
    if (given && given.epoch in this.past && given.employee === employee && given.position >= 0) {
      const fresh = encode({ epoch: this.epoch, employee, position: this.position })
      return Response.json({ ...common, cursor: fresh, position: this.position, digest: true, past: this.past })
    }
    const cursor: Cursor = usable ? given : { epoch: this.epoch, employee, position: -1 }
    const since = cursor.position
    const pin = cursor.pin ?? this.position
    const roots = [...(this.holders.get(employee) ?? new Map<string, { live: boolean; position: number }>())]
    const fresh = new Set(roots.filter(([, a]) => a.live && a.position > since).map(([root]) => root))
    const lost = roots.filter(([, a]) => !a.live && a.position > since).map(([root]) => root)
    // Rows that have moved beyond the pin meanwhile are sent all the same, and once more by the next pull.
    const due = [...this.cells]
      .filter(([, cell]) => this.holds(employee, cell.root) && (cell.position > since || fresh.has(cell.root)))
      .filter(([key]) => cursor.after === undefined || key > cursor.after)
      .filter(([, cell]) => !this.boundedPull || cell.position <= pin)
      .sort(([a], [b]) => (a < b ? -1 : 1))
    const part = due.slice(0, this.pageSize)
    const last = part.length === due.length
    const next: Cursor = last
      ? { epoch: this.epoch, employee, position: pin }
      : { ...cursor, position: since, pin, after: part[part.length - 1]![0] }
    const page: PullPage = { ...common, cursor: encode(next), position: pin, types: this.typesOf(part, fresh) }
    if (usable && since < this.floor) page.floor = true
    if (!last) {
      page.after = encode(next)
      page.remaining = due.length - part.length
    }
    if (lost.length > 0) page.drop = lost
    if (fresh.size > 0) page.roots = [...fresh]
    if (query.has('cursor') && !usable) page.reset = true
    if (cursor.after === undefined) page.me = { id: employee, name: employee }
    const shape = this.shape()
    const asked = query.get('shape')
    if (!query.has('after') && asked !== shape.id && (asked !== null || !query.has('cursor'))) page.shape = shape
    return Response.json(page)
  }

  private shape(): Shape {
    return { id: JSON.stringify(this.columns), types: this.columns }
  }

  private fill({ employee, query }: Request): Response {
    const type = query.get('type')!
    const names = query.get('columns')!.split(',')
    const due = [...this.visible(employee)]
      .filter(([key, row]) => key.startsWith(`${type}/`) && names.some((name) => row[name] != null))
      .map(([, row]) => row)
      .filter((row) => row.id > query.get('after')!)
      .sort((a, b) => (a.id < b.id ? -1 : 1))
    const part = due.slice(0, this.pageSize)
    const columns = ['id', 'rev', 'root', ...names]
    const values = columns.map((column) => part.map((row) => row[column] ?? null))
    const after = part.length < due.length ? part[part.length - 1]!.id : undefined
    return Response.json({ type, columns, values, after } satisfies FillAnswer)
  }

  // ---- comparison, backup and restore ----

  private digest(request: Request): Response {
    const question = request.json() as DigestQuestion
    const cursor = decode(question.cursor)
    if (cursor?.epoch !== this.epoch || cursor.employee !== request.employee) return problem(409, 'pull_first')
    return Response.json(answerDigest(this.epoch, this.visible(request.employee), question, this.digestSize))
  }

  /** What the company is at this moment; the answer puts it back. */
  backup(): () => void {
    const maps = [this.cells, this.results, this.effects, this.holders] as Array<Map<unknown, unknown>>
    const copies = maps.map((map) => structuredClone([...map]))
    const { epoch, position } = this
    return () => {
      maps.forEach((map, n) => {
        map.clear()
        for (const [key, value] of copies[n]!) map.set(key, value)
      })
      this.past = { [epoch]: position }
      this.epoch += '+'
      this.position += 1_000
    }
  }

  private typesOf(part: Array<[string, Cell]>, whole: ReadonlySet<string>): Record<string, TypePage> {
    const types: Record<string, TypePage> = {}
    const rows = new Map<string, Row[]>()
    for (const [key, { row, root }] of part) {
      const [type, id] = key.split('/') as [string, string]
      const entry = (types[type] ??= {})
      if (row) rows.set(type, [...(rows.get(type) ?? []), row])
      // A root that is sent whole comes as what it has, not as what it has lost.
      else if (!whole.has(root)) entry.gone = [...(entry.gone ?? []), [id, root]]
    }
    for (const [type, found] of rows) {
      const columns = ['id', 'rev', 'root', ...(this.columns[type] ?? FIELDS)]
      types[type]!.columns = columns
      types[type]!.values = columns.map((column) => found.map((row) => row[column] ?? null))
    }
    return types
  }
}

const UPLOADS = '/media/v1/uploads'

/** Every record of the model has the same fields to begin with, which keeps it small. */
const FIELDS = ['name', 'mobile', 'number', 'customer_id']
export const COLUMNS = ['id', 'rev', 'root', ...FIELDS]

const encode = (cursor: Cursor): string => btoa(JSON.stringify(cursor))
const decode = (text: string | null): Cursor | null => (text === null ? null : (JSON.parse(atob(text)) as Cursor))
