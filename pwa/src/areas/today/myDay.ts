/** One's own visits of today, as this device holds them. */
import { computed } from 'vue'
import { today } from '@/ui/format'
import { minute } from '@/ui/minute'
import { useRows } from '@/sync/vue'
import { useMyId } from '../company/settings'
import { plannedOn } from '../visits/route/plan'
import type { Visit } from '../visits/visit'

export function useMyDay() {
  // The screen stays open over midnight.
  const day = computed(() => (void minute.value, today()))
  const visits = useRows<Visit>('visit', { index: 'visitor_id', value: useMyId() })
  return {
    day,
    /** undefined while they are being read. */
    visits,
    /** The one that is under way. */
    open: computed(() => visits.value?.find((visit) => visit.state === 'open')),
    planned: computed(() => plannedOn(visits.value ?? [], day.value)),
  }
}
