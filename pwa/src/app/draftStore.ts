/**
 * Half-filled forms, per person. The sync's outbox database holds them, because it is the one that is never dropped;
 * it is reached through here, so that IndexedDB code is not part of the first load.
 */
export interface DraftStore {
  draft<T>(key: string): Promise<T | undefined>
  saveDraft(key: string, value: unknown): Promise<void>
  dropDraft(key: string): Promise<void>
}

let open: () => Promise<DraftStore> = () => Promise.reject(new Error('no draft store is connected'))

export function connectDrafts(opener: () => Promise<DraftStore>): void {
  open = opener
}

export const drafts = (): Promise<DraftStore> => open()
