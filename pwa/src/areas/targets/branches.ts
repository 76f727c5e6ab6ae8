/** The organisation as a tree of what was reached. */
import type { Attainment, DepartmentAttainment, PersonAttainment } from './goals'

export interface Branch {
  one: DepartmentAttainment
  depth: number
}

/** Parents before children. A department whose parent has nobody in it is not among them without it: sums go up. */
export function treeOf(departments: readonly DepartmentAttainment[]): Branch[] {
  const there = new Set(departments.map((one) => one.department_id))
  const below = (parent: string | null, depth: number): Branch[] =>
    departments
      .filter((one) => (one.parent_id !== null && there.has(one.parent_id) ? one.parent_id : null) === parent)
      .flatMap((one) => [{ one, depth }, ...(depth < 20 ? below(one.department_id, depth + 1) : [])])
  return below(null, 0)
}

/** The people of a department and of all below it; '' is everybody. */
export function inBranch(data: Attainment, department: string): PersonAttainment[] {
  if (!department) return data.people
  const inside = new Set([department])
  for (const { one } of treeOf(data.departments))
    if (one.parent_id !== null && inside.has(one.parent_id)) inside.add(one.department_id)
  return data.people.filter((one) => inside.has(one.department_id))
}
