/** Putting an alert aside and listing it again: at once where there is a network, else from the outbox. */
import { i18n } from '@/app/i18n'
import { addDays, shortDate, today } from '@/ui/format'
import { run } from '@/ui/run'

const touches = { touches: ['alert'] }

export const takeUp = (id: string) =>
  run('alert.take_up', { id }, { ...touches, later: true, done: i18n.global.t('alerts.taken_up') })

export const putAside = (id: string, days: number, note: string) =>
  run(
    'alert.put_aside',
    { id, days, note },
    {
      ...touches,
      later: true,
      done: i18n.global.t('alerts.aside_done', { date: shortDate(addDays(today(), days)) }),
      undo: async () => void (await run('alert.take_up', { id }, { ...touches, later: true, quiet: true })),
    },
  )
