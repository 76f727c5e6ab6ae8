/** How far the company has come, and saying that it came further. */
import { computed } from 'vue'
import { i18n } from '@/app/i18n'
import { run } from '@/ui/run'
import { sentence } from '@/ui/problems'
import { showUndo } from '@/ui/undo'
import { useTable } from '../tables'
import { said, type Guide } from './guide'

export function useGuide() {
  const companies = useTable('company')
  const row = computed(() => companies.value?.values().next().value)
  const guide = computed<Guide>(() => (row.value?.setup_guide as Guide | null | undefined) ?? {})
  async function write(next: Guide, text?: string) {
    const company = row.value
    if (!company) return
    const before = company.setup_guide ?? null
    try {
      await run('company.edit', { id: company.id, set: { setup_guide: [before, next] } }, { quiet: true })
      if (text) showUndo({ text, undo: () => void write((before as Guide | null) ?? {}) })
    } catch (error) {
      showUndo({ text: sentence(error, 'company'), for: 8_000 })
    }
  }
  return {
    ready: computed(() => companies.value !== undefined),
    guide,
    say: (step: string, what: 'done' | 'skipped') => write(said(guide.value, step, what)),
    putAway: () => write({ ...guide.value, away: true }, i18n.global.t('company.guide.put_away_done')),
    bringBack: () => write({ ...guide.value, away: false }),
  }
}
