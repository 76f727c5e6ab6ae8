/** What the commands of customers do to the rows on this phone before the server has answered. */
import { reducer, type ReducerTx } from '@/sync/reducers'

/**
 * The contact that comes with every customer has an id that phone and company both compute: the customer's, a
 * millisecond later (server/customers/rules.py). So it can be edited before the company has seen it.
 */
export function mainContactId(customerId: string): string {
  const made = (parseInt(customerId.slice(0, 8) + customerId.slice(9, 13), 16) + 1) % 2 ** 48
  const time = made.toString(16).padStart(12, '0')
  return `${time.slice(0, 8)}-${time.slice(8)}${customerId.slice(13)}`
}

/** A share has no id of its own in the command; until the company's row arrives, this one stands in. */
const provisionalShare = (customerId: string, employeeId: string): string => `share:${customerId}/${employeeId}`

/** What a customer has before anybody said otherwise; the server's defaults. */
const NEW_CUSTOMER = {
  customer_no: null,
  pinyin_code: null,
  settlement_mode: 'credit',
  enabled: true,
  customer_status: 'open',
  lead_stage: 'potential',
  visit_count: 0,
  sales_total: '0.00',
  debt_total: '0.00',
  deposit_total: '0.00',
}

interface Create {
  id: string
  values?: Record<string, unknown>
  share_with?: string[]
}
interface Edit {
  id: string
  set: Record<string, [unknown, unknown]>
}

reducer('customer.create', async (tx, { id, values = {}, share_with = [] }: Create) => {
  const there = await tx.get('customer', id)
  if (there && there.rev > 0) return
  const { employee, at } = tx.op
  const primary_contact = values.primary_contact ?? values.name
  await tx.put('customer', {
    ...NEW_CUSTOMER,
    owner_id: employee,
    created_at: at,
    created_by: employee,
    filed_at: at,
    ...values,
    primary_contact,
    id,
  })
  await tx.put('contact', {
    id: mainContactId(id),
    customer_id: id,
    name: primary_contact,
    gender: values.contact_gender ?? null,
    job_title: values.job_title ?? null,
    im_account: values.im_account ?? null,
    email: values.email ?? null,
    phone: values.mobile ?? values.landline ?? values.office_phone ?? null,
    is_primary: true,
    created_at: at,
    created_by: employee,
  })
  for (const employee_id of share_with) {
    const share = { customer_id: id, employee_id, shared_by: employee, created_at: at }
    await tx.put('customer_share', { ...share, id: provisionalShare(id, employee_id) })
  }
})

async function onlyMainContact(tx: ReducerTx, customerId: string, contactId: string): Promise<void> {
  for (const other of await tx.where('contact', 'customer_id', customerId)) {
    if (other.id !== contactId && other.is_primary) await tx.patch('contact', other.id, { is_primary: false })
  }
}

reducer('contact.create', async (tx, { id, values = {} }: Create) => {
  const there = await tx.get('contact', id)
  if (there && there.rev > 0) return
  await tx.put('contact', {
    is_primary: false,
    created_at: tx.op.at,
    created_by: tx.op.employee,
    ...values,
    id,
  })
  if (values.is_primary) await onlyMainContact(tx, String(values.customer_id), id)
})

reducer('contact.edit', async (tx, { id, set }: Edit) => {
  await tx.patch('contact', id, Object.fromEntries(Object.entries(set).map(([field, [, mine]]) => [field, mine])))
  const contact = await tx.get('contact', id)
  if (contact && set.is_primary?.[1] === true) await onlyMainContact(tx, String(contact.customer_id), id)
})

reducer('customer.delete', async (tx, { id }: { id: string }) => {
  for (const type of ['contact', 'terminal', 'customer_department', 'customer_share']) {
    for (const row of await tx.where(type, 'customer_id', id)) await tx.remove(type, row.id)
  }
  await tx.remove('customer', id)
})

reducer('customer.share', async (tx, { id, employee_id }: { id: string; employee_id: string }) => {
  const shares = await tx.where('customer_share', 'customer_id', id)
  if (shares.some((share) => share.employee_id === employee_id)) return
  await tx.put('customer_share', {
    id: provisionalShare(id, employee_id),
    customer_id: id,
    employee_id,
    shared_by: tx.op.employee,
    created_at: tx.op.at,
  })
})

reducer('customer.unshare', async (tx, { id, employee_id }: { id: string; employee_id: string }) => {
  for (const share of await tx.where('customer_share', 'customer_id', id)) {
    if (share.employee_id === employee_id) await tx.remove('customer_share', share.id)
  }
})

reducer('customer.assign', async (tx, { ids, owner_id }: { ids: string[]; owner_id: string | null }) => {
  // A device holds only some of the customers of a large batch.
  for (const id of ids) if (await tx.get('customer', id)) await tx.patch('customer', id, { owner_id })
})

/** It stays on this phone, as nobody's, until the company has heard of it. */
reducer('customer.give_up', async (tx, { ids }: { ids: string[] }) => {
  for (const id of ids) if (await tx.get('customer', id)) await tx.patch('customer', id, { owner_id: null })
})

reducer('customer.disable', (tx, { id }: { id: string }) => tx.patch('customer', id, { enabled: false }))
reducer('customer.forget_place', (tx, { id }: { id: string }) =>
  tx.patch('customer', id, { geo_lat: null, geo_lng: null }),
)
reducer('customer.enable', (tx, { id }: { id: string }) => tx.patch('customer', id, { enabled: true }))
