/** The sync's status in words, for the bar at the top, the pill in the rail and the Me page. */
import { computed } from 'vue'
import { i18n, textOrNull } from '@/app/i18n'
import { syncStatus } from '@/app/status'
import { ago } from './format'

export type Tone = 'calm' | 'wait' | 'warn' | 'bad'

export const syncWords = computed(() => {
  const { t } = i18n.global
  const s = syncStatus.value
  const parts: string[] = []
  let tone: Tone = 'calm'

  if (s.state === 'revoked' || s.state === 'blocked_storage') {
    tone = 'bad'
    parts.push((s.problem && textOrNull(`status.${s.problem.code}`)) ?? t(`status.${s.state}`))
  } else if (s.state === 'needs_login' || s.state === 'needs_update') {
    tone = 'warn'
    parts.push(t(`status.${s.state}`))
  } else if (!s.online || s.state === 'offline') {
    tone = 'wait'
    parts.push(t('status.offline'))
  } else if (s.state === 'error') {
    tone = 'warn'
    parts.push(t('status.error'))
  } else if (s.remaining > 0) {
    tone = 'wait'
    parts.push(t('status.receiving', { n: s.remaining }))
  }
  const waiting = s.waiting + s.sending
  if (waiting > 0) {
    if (tone === 'calm') tone = 'wait'
    parts.push(t('status.waiting', { n: waiting }))
  } else if (s.blobs > 0) {
    if (tone === 'calm') tone = 'wait'
    const photos = s.blobs - s.blobFiles
    if (photos > 0) parts.push(t('status.photos_waiting', { n: photos }))
    if (s.blobFiles > 0) parts.push(t('status.files_waiting', { n: s.blobFiles }))
  }
  if (s.needsYou > 0) {
    tone = tone === 'bad' ? 'bad' : 'warn'
    parts.push(t('status.needs_you_n', s.needsYou))
  }
  if (s.clockOff !== 0) {
    tone = tone === 'bad' ? 'bad' : 'warn'
    parts.push(t('status.clock_off'))
  }
  return {
    tone,
    parts,
    offline: !s.online || s.state === 'offline',
    busy: s.state === 'pulling' || s.state === 'pushing',
    oldest: s.oldestWaitingAt ? t('status.oldest', { time: ago(s.oldestWaitingAt) }) : null,
    last: s.lastSuccess ? t('status.last', { time: ago(new Date(s.lastSuccess).toISOString()) }) : t('status.never'),
  }
})
