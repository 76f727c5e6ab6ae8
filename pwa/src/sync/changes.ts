/** Which rows a transaction has changed. */

import type { Row } from './types'

/** Ids per type; null: any of this type. */
export class Changes extends Map<string, Set<string> | null> {
  /** The rows that are known, by type and id: whoever follows a whole type need not read them again. */
  private readonly known = new Map<string, Map<string, Row>>()

  note(type: string, id: string | null): void {
    if (id === null) {
      this.set(type, null)
      this.known.delete(type)
      return
    }
    if (!this.has(type)) this.set(type, new Set([id]))
    else this.get(type)?.add(id)
    this.known.get(type)?.delete(id)
  }

  /** Rows that were put as they are here. */
  noteRows(type: string, rows: readonly Row[]): void {
    for (const { id } of rows) this.note(type, id)
    if (!this.get(type)) return
    const known = this.known.get(type) ?? new Map<string, Row>()
    for (const row of rows) known.set(row.id, row)
    this.known.set(type, known)
  }

  /** undefined where it has to be read. */
  row(type: string, id: string): Row | undefined {
    return this.known.get(type)?.get(id)
  }

  /** Everybody was told: nobody asks for rows any more. */
  told(): void {
    this.known.clear()
  }

  /** Of a transaction that starts again. */
  forget(): void {
    this.clear()
    this.known.clear()
  }
}
