/** For whom a notice is, in words. */
import { comma } from '@/ui/comma'
import { i18n } from '@/app/i18n'
import { useTable } from '../tables'
import type { Notice } from './notices'

export function useWhom(): (notice: Pick<Notice, 'audience' | 'department_ids' | 'role_ids'>) => string {
  const departments = useTable('department')
  const roles = useTable('role')
  return (notice) => {
    if (notice.audience === 'everybody') return i18n.global.t('office.everybody')
    const names = [
      ...(notice.department_ids ?? []).map((id) => departments.value?.get(id)?.name),
      ...(notice.role_ids ?? []).map((id) => roles.value?.get(id)?.name),
    ]
    return names.filter(Boolean).join(comma())
  }
}
