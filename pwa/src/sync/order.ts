/** The order in which ops are replayed and sent: by number, but each after the ops it needs.
 *
 * The two differ only when a rejected op was corrected and so got a new number, after ops that stand on it. Ops that
 * need each other in a circle go by number; the server says what is wrong with them. */

interface Ordered {
  id: string
  seq: number
  needs: string[]
}

export function inOrder<T extends Ordered>(ops: readonly T[]): T[] {
  const bySeq = [...ops].sort((a, b) => a.seq - b.seq)
  const byId = new Map(bySeq.map((op) => [op.id, op]))
  const placed = new Set<string>()
  const result: T[] = []
  for (const start of bySeq) {
    // A stack instead of recursion: a chain of ten thousand needs must not overflow.
    const stack = [start]
    const open = new Set<string>()
    while (stack.length > 0) {
      const op = stack[stack.length - 1]!
      if (placed.has(op.id)) {
        stack.pop()
        continue
      }
      open.add(op.id)
      const missing = op.needs.find((need) => byId.has(need) && !placed.has(need) && !open.has(need))
      if (missing !== undefined) {
        stack.push(byId.get(missing)!)
        continue
      }
      placed.add(op.id)
      result.push(op)
      stack.pop()
    }
  }
  return result
}
