import type { Router } from 'vue-router'
import type { Engine } from '@/sync/engine'

/** A manager's device rarely holds his people's customers: those are opened from the company. */
export async function openCustomer(engine: Engine, router: Router, id: string): Promise<void> {
  const held = await engine.get('customer', id).catch(() => undefined)
  await router.push(held ? `/customers/${id}` : `/desk/customers/${id}`)
}
