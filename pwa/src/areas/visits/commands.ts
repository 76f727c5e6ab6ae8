/** What the commands of visits and photos do to the rows on this phone before the server has answered. */
import { photoCode } from '@/camera/code'
import type { PositionSample } from '@/camera/capture'
import { kindFields } from '@/camera/kinds'
import { bestSample } from '@/camera/position'
import { distanceBetween } from '@/camera/sketch'
import { reducer, type ReducerTx } from '@/sync/reducers'
import type { Row } from '@/sync/types'
import { staged } from '../followups/leads'
import { speaks } from './standing'

interface Plan {
  id: string
  customer_id: string
  planned_on: string
  plan_note?: string | null
}
/** Degrees WGS-84, accuracy in metres, `at` the phone's clock. */
interface Presence {
  id: string
  customer_id: string
  at: string
  lat?: number | null
  lng?: number | null
  accuracy?: number | null
  visit_type_id?: string | null
}
interface Attach {
  id: string
  visit_id: string
  customer_id: string
  kind: string
  note?: string | null
  capture: string
}

const NEW_VISIT = { photo_count: 0, evidence: 'none' }

reducer('visit.plan', async (tx, { id, customer_id, planned_on, plan_note }: Plan) => {
  const there = await tx.get('visit', id)
  if (there && there.rev > 0) return
  await tx.put('visit', {
    ...NEW_VISIT,
    id,
    customer_id,
    visitor_id: tx.op.employee,
    state: 'planned',
    planned_on,
    plan_note: plan_note ?? null,
    created_at: tx.op.at,
    created_by: tx.op.employee,
  })
})

reducer('visit.arrange', async (tx, { day, ids }: { day: string; ids: string[] }) => {
  let place = 0
  for (const id of new Set(ids)) {
    const visit = await tx.get('visit', id)
    if (!visit || visit.state !== 'planned' || visit.planned_on !== day) continue
    place += 1
    if (!tx.contains(visit)) await tx.patch('visit', id, { plan_order: place })
  }
})

reducer('visit.drop', (tx, { id }: { id: string }) => tx.patch('visit', id, { state: 'dropped' }))

/** Metres from the customer's place, null when either is unknown. */
function metresTo(customer: Row | undefined, { lat, lng }: Presence): number | null {
  const [geo_lat, geo_lng] = [customer?.geo_lat, customer?.geo_lng]
  if (typeof geo_lat !== 'number' || typeof geo_lng !== 'number' || lat == null || lng == null) return null
  return Math.round(distanceBetween({ lat: geo_lat, lng: geo_lng }, { lat, lng }))
}

reducer('visit.check_in', async (tx, args: Presence) => {
  const there = await tx.get('visit', args.id)
  if (there && tx.contains(there)) return
  const customer = await tx.get('customer', args.customer_id)
  await tx.put('visit', {
    ...NEW_VISIT,
    created_at: tx.op.at,
    created_by: tx.op.employee,
    ...there,
    id: args.id,
    customer_id: args.customer_id,
    visitor_id: tx.op.employee,
    state: 'open',
    visit_type_id: args.visit_type_id ?? there?.visit_type_id ?? null,
    checked_in_at: args.at,
    in_lat: args.lat ?? null,
    in_lng: args.lng ?? null,
    in_accuracy: args.accuracy ?? null,
    distance: metresTo(customer, args),
  })
})

/** What a visit tells of its customer: the stage reached and when to call again. */
async function carryOver(tx: ReducerTx, visit: Row, fields: readonly string[]): Promise<void> {
  const customer = await tx.get('customer', String(visit.customer_id))
  if (!customer || tx.contains(customer)) return
  const told = fields.filter((field) => visit[field] != null).map((field) => [field, visit[field]])
  const { sales_stage_id, ...rest } = Object.fromEntries(told) as Record<string, unknown>
  if (told.length > 0) await tx.patch('customer', customer.id, { ...rest, ...staged(customer, sales_stage_id) })
}
const CARRIED = ['sales_stage_id', 'next_contact_at'] as const

reducer('visit.edit', async (tx, { id, set }: { id: string; set: Record<string, [unknown, unknown]> }) => {
  await tx.patch('visit', id, Object.fromEntries(Object.entries(set).map(([field, [, mine]]) => [field, mine])))
  const visit = await tx.get('visit', id)
  if (visit?.state === 'done')
    await carryOver(
      tx,
      visit,
      CARRIED.filter((field) => field in set),
    )
})

reducer('visit.check_out', async (tx, { id, at, lat, lng }: Presence) => {
  const visit = await tx.get('visit', id)
  if (!visit || tx.contains(visit)) return
  const since = typeof visit.checked_in_at === 'string' ? Date.parse(visit.checked_in_at) : NaN
  await tx.patch('visit', id, {
    state: 'done',
    checked_out_at: at,
    out_lat: lat ?? null,
    out_lng: lng ?? null,
    duration_seconds: Number.isNaN(since) ? null : Math.max(0, Math.round((Date.parse(at) - since) / 1000)),
  })
  const customer = await tx.get('customer', String(visit.customer_id))
  if (!customer || tx.contains(customer)) return
  const begun = String(visit.checked_in_at ?? at)
  await tx.patch('customer', customer.id, {
    visit_count: Number(customer.visit_count ?? 0) + 1,
    last_visit_at: begun,
    last_contact_at: begun,
    // An appointment that was kept is none any more.
    ...(String(customer.next_contact_at ?? '9') <= begun ? { next_contact_at: null } : {}),
  })
  await carryOver(tx, visit, CARRIED)
})

reducer('photo.attach', async (tx, { id, visit_id, customer_id, kind, note, capture }: Attach) => {
  const there = await tx.get('photo', id)
  if (there && there.rev > 0) return
  const record = JSON.parse(capture) as {
    sha256: string
    source: string
    taken_at: string
    samples?: PositionSample[]
  }
  const place = bestSample(record.samples ?? [], Date.parse(record.taken_at))
  await tx.put('photo', {
    id,
    visit_id,
    customer_id,
    ...kindFields(kind),
    note: note ?? null,
    source: record.source,
    taken_by: tx.op.employee,
    taken_at: record.taken_at,
    lat: place?.lat ?? null,
    lng: place?.lng ?? null,
    accuracy: place?.accuracy ?? null,
    sha256: record.sha256,
    code: photoCode(record.sha256),
    verdict: 'pending',
    created_at: tx.op.at,
    created_by: tx.op.employee,
  })
  await recount(tx, visit_id)
})

/** A visit has as many photos as stand beside it: counting again is right however often an op is replayed. */
async function recount(tx: ReducerTx, visitId: string): Promise<void> {
  const visit = await tx.get('visit', visitId)
  if (!visit || tx.contains(visit)) return
  const photos = (await tx.where('photo', 'visit_id', visitId)).filter(speaks)
  const evidence = visit.evidence === 'none' || visit.evidence === 'pending' ? null : visit.evidence
  await tx.patch('visit', visitId, {
    photo_count: photos.length,
    evidence: evidence ?? (photos.length > 0 ? 'pending' : 'none'),
  })
}

reducer('photo.withdraw', async (tx, { id }: { id: string }) => {
  const photo = await tx.get('photo', id)
  if (!photo || photo.withdrawn_at) return
  await tx.patch('photo', id, { withdrawn_at: tx.op.at })
  await recount(tx, String(photo.visit_id))
})

reducer('photo.overrule', (tx, { id, verdict, note }: { id: string; verdict: string; note: string }) =>
  tx.patch('photo', id, { overruled_to: verdict, overrule_note: note, overruled_by: tx.op.employee }),
)
