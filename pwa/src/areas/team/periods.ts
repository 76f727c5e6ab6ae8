/** How far back photos and what is said of them are looked at; the same on every screen, so that one leads to the other. */
import { i18n } from '@/app/i18n'

/** Days, in the words of the address. The server looks back over a quarter at most. */
export const LOOK_BACK = ['7', '30', '90'] as const

export const periodLabel = (days: string): string =>
  days === '1' ? i18n.global.t('team.one_day') : i18n.global.t('team.last_days', { n: days })
