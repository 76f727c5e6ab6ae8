/** A change of many at once: what it would change is asked for as soon as it is decided, and done when it was seen. */
import { shallowRef, watch, type Ref } from 'vue'
import { sentence } from '@/ui/problems'
import { run } from '@/ui/run'
import { useAttempt } from '@/ui/useAttempt'
import { previewed, type Change } from './rights'

export interface Batch {
  command: 'employee.set_rights' | 'role.grant'
  record: 'employee' | 'role'
  args: Ref<object>
  decided: () => boolean
  /** What is said when so many were changed. */
  done: (n: number) => string
}

export function useBatch({ command, record, args, decided, done }: Batch) {
  const changes = shallowRef<Change[] | null>(null)
  const { problem, busy, attempt } = useAttempt(record)
  watch(args, async (wanted) => {
    changes.value = null
    problem.value = null
    if (!decided()) return
    try {
      const { items } = await previewed<{ items: Change[] }>(command, wanted)
      if (wanted === args.value) changes.value = items
    } catch (error) {
      problem.value = sentence(error, record)
    }
  })
  const apply = (): Promise<boolean> =>
    attempt(() =>
      run(command, args.value as Record<string, unknown>, {
        touches: [record],
        done: done(changes.value?.length ?? 0),
      }),
    )
  return { changes, problem, busy, apply }
}
