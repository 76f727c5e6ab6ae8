/** Numbers that are called from a list or a file; whoever keeps records of calls listens. */
export interface CalledNumber {
  /** The row whose number it is. */
  record: string
  id: string
  number: string
  /** A chat has an account, no number. */
  way?: 'call' | 'chat'
}

const listeners = new Set<(call: CalledNumber) => void>()

export function onCalled(listener: (call: CalledNumber) => void): void {
  listeners.add(listener)
}

export function tellCalled(call: CalledNumber): void {
  for (const listener of listeners) listener(call)
}
