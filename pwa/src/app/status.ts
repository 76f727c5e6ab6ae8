/** The sync's status as the shell shows it, before and after the engine is there. */
import { shallowRef, type ShallowRef } from 'vue'
import { INITIAL, type SyncStatus } from '@/sync/status'

export const syncStatus: ShallowRef<SyncStatus> = shallowRef({ ...INITIAL, online: navigator.onLine })

const follow = () => (syncStatus.value = { ...syncStatus.value, online: navigator.onLine })
addEventListener('online', follow)
addEventListener('offline', follow)
