/** Tells open tables that a record was written online, so that a row is read again without losing one's place. */
type Listener = (record: string, id: string | null) => void
const listeners = new Set<Listener>()

/** `id` null: any row of the record may differ. */
export function recordChanged(record: string, id: string | null = null): void {
  for (const listener of listeners) listener(record, id)
}

export function onRecordChanged(listener: Listener): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}
