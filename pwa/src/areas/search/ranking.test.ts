import { describe, expect, it } from 'vitest'
import shared from '../../../../tests/search/ranking_cases.json'
import { normal, total, wordsOf, type Entry } from './ranking'

const entries = shared.entries as Record<string, Entry>

describe('the ranking that the server has, too', () => {
  it.each(shared.cases)('$query', ({ query, ranks }) => {
    const words = wordsOf(query)
    const found = words.length
      ? Object.entries(entries).map(([name, entry]) => [name, total(entry, words)] as const)
      : []
    expect(Object.fromEntries(found.filter(([, one]) => one !== null))).toEqual(ranks)
  })
  it.each(shared.orders)('$query in order', ({ query, ids }) => {
    const words = wordsOf(query)
    const found = Object.entries(entries)
      .map(([name, entry]) => ({ name, one: total(entry, words), length: entry.name.length }))
      .filter(({ one }) => one !== null)
      .sort((a, b) => a.one! - b.one! || a.length - b.length || (a.name < b.name ? -1 : 1))
    expect(found.map(({ name }) => name)).toEqual(ids)
  })
  it('takes no punctuation for a syntax', () => {
    expect(normal('（王记）-0532 8888')).toBe('王记05328888')
    expect(wordsOf('"王 OR* 🍎')).toEqual(['王', 'or', '🍎'])
  })
})
