/** How a flow's steps are told in its history. */
import type { History } from '@/ui/record/parts'

export default { 'approval_flow.steps': { refs: ['role', 'employee', 'option', 'department'] } } satisfies History
