import { describe, expect, it } from 'vitest'
import cases from '../../../tests/sync/page_cases.json'
import { countOf, idsOf, rowsOf } from './pages'
import type { TypePage } from './types'

describe('rows in columns', () => {
  it.each(cases)('$what', ({ page, fields, rows }) => {
    const part = page as TypePage
    expect(rowsOf(part, fields)).toEqual(rows)
    expect(countOf(part)).toBe(rows.length)
    expect(idsOf(part)).toEqual(rows.map((row) => row.id))
  })
})
