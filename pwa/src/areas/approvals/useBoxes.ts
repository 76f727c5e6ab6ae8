/** The boxes of the person on this device, followed as rows change. */
import { computed, type ComputedRef } from 'vue'
import { useMyId } from '../company/settings'
import { useTable } from '../tables'
import { boxes, type Box, type Paper, type PaperLine } from './papers'

/** undefined until this device has been read. */
export function useBoxes(): ComputedRef<Record<Box, Paper[]> | undefined> {
  const papers = useTable<Paper>('approval')
  const lines = useTable<PaperLine>('approval_step')
  const me = useMyId()
  return computed(() =>
    papers.value && lines.value ? boxes(papers.value.values(), lines.value.values(), me) : undefined,
  )
}
