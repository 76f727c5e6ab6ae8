import { describe, expect, it } from 'vitest'
import { complete } from '../declarations'
import {
  filterFields,
  filterWay,
  isSortable,
  nextSort,
  possibleColumns,
  readState,
  serverQuery,
  writeState,
} from './state'

const record = complete({
  records: {
    customer: {
      name: 'customer',
      title_field: 'name',
      fields: [
        { name: 'name', kind: 'text' },
        { name: 'stage', kind: 'choice' },
        { name: 'created_at', kind: 'datetime' },
        { name: 'due', kind: 'date' },
      ],
    },
  },
}).records.customer!

describe("a table's address", () => {
  it('is read and written back as it was, with strange parameters left alone', () => {
    const query = { q: '王', sort: '-name', stage__in: 'a,b', columns: 'name,stage', tab: 'mine' }
    const state = readState(query, record)
    expect(state).toEqual({ q: '王', sort: '-name', filters: { stage__in: 'a,b' }, columns: ['name', 'stage'] })
    expect(writeState(state, query, record)).toEqual(query)
  })

  it('ignores fields and operators that do not exist', () => {
    expect(readState({ sort: 'evil', columns: 'x', stage__drop: '1', nothing: '1' }, record)).toEqual({
      q: '',
      sort: '',
      filters: {},
      columns: null,
    })
  })

  it('forgets a filter that was taken away', () => {
    const state = { q: '', sort: '', filters: {}, columns: null }
    expect(writeState(state, { stage: 'a', q: 'x', other: '1' }, record)).toEqual({ other: '1' })
  })

  it('turns days into instants for moments only, the last day included', () => {
    const state = readState(
      { created_at__ge: '2026-11-01', created_at__le: '2026-11-30', due__le: '2026-11-30' },
      record,
    )
    expect(serverQuery(state, record, { owner_id: 'me' })).toEqual({
      owner_id: 'me',
      q: '',
      sort: '',
      created_at__ge: new Date('2026-11-01T00:00:00').toISOString(),
      created_at__lt: new Date('2026-12-01T00:00:00').toISOString(),
      due__le: '2026-11-30',
    })
  })

  it('sorts up, down, and then as the record does', () => {
    expect(nextSort('', 'name')).toBe('name')
    expect(nextSort('name', 'name')).toBe('-name')
    expect(nextSort('-name', 'name')).toBe('')
    expect(nextSort('-name', 'due')).toBe('due')
  })
})

describe('what a list shows and asks', () => {
  const own = complete({
    records: {
      visit: {
        name: 'visit',
        title_field: 'name',
        fields: [
          { name: 'name', kind: 'text' },
          { name: 'content', kind: 'longtext' },
          { name: 'own.picture', kind: 'photo' },
          { name: 'own.story', kind: 'longtext' },
          { name: 'own.mixed', kind: 'mixed' },
        ],
      },
    },
  }).records.visit!

  it("has the company's own fields of every kind", () => {
    expect(possibleColumns(own).map(({ name }) => name)).toEqual(['name', 'own.picture', 'own.story'])
    expect(filterFields(own).map(({ name }) => name)).toEqual(['name', 'own.picture', 'own.story', 'own.mixed'])
    expect(own.fields.filter(isSortable).map(({ name }) => name)).toEqual(['name'])
  })

  it('asks of a picture whether there is one', () => {
    expect((['photo', 'files', 'mixed', 'refs'] as const).map(filterWay)).toEqual(['any', 'any', 'any', 'any'])
    expect((['text', 'longtext', 'phone', 'ref', 'date'] as const).map(filterWay)).toEqual([
      'part', 'part', 'part', 'ref', 'range',
    ]) // prettier-ignore
  })
})
