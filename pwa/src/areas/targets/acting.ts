/** Writes of targets: on phone and tablet into the outbox, at the desk straight to the company. */
import { layout } from '@/app/appearance'
import { submit } from '@/sync/vue'
import { run } from '@/ui/run'

export interface Write {
  command: string
  args: Record<string, unknown> & { id: string }
  /** The target it is about, and what it is called. */
  target: string
  label: string
  /** Ops that go first. */
  needs?: string[]
}

/** The id of the op, for what builds on it; '' at the desk, where it is done when this returns. */
export async function write({ command, args, target, label, needs }: Write): Promise<string> {
  if (layout.value === 'desk') {
    await run(command, args, { touches: ['target', 'approval'], quiet: true })
    return ''
  }
  const about = { type: 'target', id: target, label }
  const { id } = await submit(command, args, { about, needs: needs?.filter(Boolean) })
  return id
}
