/** This person's start page, from the rows of this device: kept through the outbox, so it is arranged without network, too. */
import { computed } from 'vue'
import { layout } from '@/app/appearance'
import { isFor, useSession } from '@/app/session'
import type { Row } from '@/sync/types'
import { submit, useEngine, useRows } from '@/sync/vue'
import { useMyId } from '../company/settings'
import { arranged, type Kind, type Place, type Placed } from './arranging'
import { allParts, fits, type Part } from './parts'

interface StartPageRow extends Row {
  employee_id: string
  parts: Placed[] | null
}
interface RolePageRow extends Row {
  role_id: string
  parts: Placed[]
}

export function useStart() {
  const engine = useEngine()
  const session = useSession()
  const me = useMyId()
  const own = useRows<StartPageRow>('start_page', { index: 'employee_id', value: me })
  const roles = useRows<RolePageRow>('role_start_page')
  const mine = computed(() => own.value?.[0]?.parts ?? null)
  const pageOf = (role: string | undefined) => roles.value?.find((row) => row.role_id === role)?.parts ?? null
  const ofRole = computed(() => pageOf(session.me?.role.id))
  const kind = computed<Kind>(() => (session.leads ? 'leader' : 'field'))
  const mayHave = computed(() => allParts.filter((part) => isFor(part, session)))
  const byName = new Map(allParts.map((part) => [part.name, part]))
  const places = computed<Place[]>(() =>
    arranged(
      mayHave.value.map(({ name }) => name),
      kind.value,
      layout.value,
      mine.value,
      ofRole.value,
    ),
  )
  return {
    /** False while they are being read. */
    ready: computed(() => own.value !== undefined && roles.value !== undefined),
    /** What this person has said; null: nothing. */
    mine,
    /** What people of a role begin with; null: what the product has. */
    pageOf,
    kind,
    places,
    part: (name: string): Part | undefined => byName.get(name),
    shown: computed(() =>
      places.value.flatMap(({ part, shown }) => {
        const found = byName.get(part)
        return shown && found && fits(found, layout.value) ? [found] : []
      }),
    ),
    pull: () => engine.syncNow(),
    keep: (parts: Placed[] | null) => submit('start_page.set', { id: engine.newId(), parts }),
  }
}
