/** An edit carries what the field was and what it is to be, so that the company can tell whether it changed meanwhile. */
export function editOf(
  before: Record<string, unknown>,
  changes: Record<string, unknown>,
): Record<string, [unknown, unknown]> {
  return Object.fromEntries(
    Object.entries(changes).flatMap(([field, mine]): [string, [unknown, unknown]][] => {
      const base = before[field] ?? null
      return JSON.stringify(base) === JSON.stringify(mine ?? null) ? [] : [[field, [base, mine ?? null]]]
    }),
  )
}

/** What was filled in, for a new record. */
export const filled = (values: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(values).filter(
      ([, value]) => value !== null && value !== undefined && !(Array.isArray(value) && value.length === 0),
    ),
  )
