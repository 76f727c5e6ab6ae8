import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { language } from '@/app/i18n'
import { CustomerIndex } from '@/areas/customers/search'
import { ownArgs, ownNames, ownValues } from '@/areas/own'
import { possibleColumns, readState } from './table/state'
import { lackingIn } from './arrangedForm'
import { fieldNamed, recordNamed } from './declarations'
import { choiceLabel, fieldLabel } from './labels'
import { ownFieldsOf, setOwnFields, type OwnFieldRow } from './own'

const field = (part: Partial<OwnFieldRow>): OwnFieldRow => ({
  id: part.key ?? 'id',
  record_type: 'customer',
  key: 'fridge',
  name: '冰柜',
  name_tw: null,
  name_en: null,
  kind: 'text',
  choices: null,
  required: false,
  hidden: false,
  listed: false,
  quick: false,
  search: false,
  sort: 10,
  default_value: null,
  others: 'edit',
  rights: null,
  state: 'active',
  ...part,
})

describe('own fields in forms and lists', () => {
  beforeEach(() => (language.value = 'zh-CN'))
  afterEach(() => setOwnFields([], null))

  it('stand after the declared fields, in their order, from the moment they are in the store', () => {
    expect(fieldNamed('customer', 'own.fridge')).toBeNull()
    setOwnFields([field({ key: 'second', sort: 20 }), field({ key: 'fridge', listed: true })], null)
    const names = recordNamed('customer').fields.map(({ name }) => name)
    expect(names.slice(-2)).toEqual(['own.fridge', 'own.second'])
    expect(recordNamed('terminal').fields.some(({ name }) => name.startsWith('own.'))).toBe(false)
    const columns = possibleColumns(recordNamed('customer'))
    expect(columns.find(({ name }) => name === 'own.fridge')?.listed).toBe(true)
    const address = { 'own.fridge__like': '海', sort: '-own.fridge' }
    expect(readState(address, recordNamed('customer'))).toMatchObject({
      filters: { 'own.fridge__like': '海' },
      sort: '-own.fridge',
    })
  })

  it('are shown as the role may see them: not at all, to read, to write', () => {
    const rows = [
      field({ key: 'open' }),
      field({ key: 'secret', others: 'hidden', rights: { boss: 'edit' } }),
      field({ key: 'fixed', rights: { rep: 'read' } }),
      field({ key: 'gone', state: 'deleted' }),
      field({ key: 'aside', hidden: true }),
    ]
    setOwnFields(rows, 'rep')
    expect(ownFieldsOf('customer').map(({ name, readonly }) => [name, readonly])).toEqual([
      ['own.fixed', true],
      ['own.open', false],
    ])
    setOwnFields(rows, 'boss')
    expect(ownFieldsOf('customer').map(({ name }) => name)).toEqual(['own.fixed', 'own.open', 'own.secret'])
  })

  it('are called in the language of the reader, also when they are deleted', () => {
    const choices = [{ key: 'c1', name: '直营', name_en: 'Direct' }]
    setOwnFields([field({ kind: 'choice', name_en: 'Fridge', choices, state: 'deleted' })], null)
    expect([fieldLabel('customer', 'own.fridge'), choiceLabel('customer', 'own.fridge', 'c1')]).toEqual([
      '冰柜',
      '直营',
    ])
    language.value = 'en'
    expect([fieldLabel('customer', 'own.fridge'), choiceLabel('customer', 'own.fridge', 'c1')]).toEqual([
      'Fridge',
      'Direct',
    ])
  })

  it('offer the choices in use and keep the retired ones readable', () => {
    const choices = [
      { key: 'c1', name: '一' },
      { key: 'c2', name: '二', retired: true },
    ]
    setOwnFields([field({ kind: 'choices', choices })], null)
    expect(ownFieldsOf('customer')[0]).toMatchObject({ choices: ['c1'], retired: ['c2'], policy: 'union' })
  })

  it('go into commands as the wire has them', () => {
    setOwnFields(
      [
        field({ record_type: 'order', key: 'area', kind: 'money', required: true }),
        field({ record_type: 'order', key: 'kinds', kind: 'choices', choices: [] }),
      ],
      null,
    )
    expect(lackingIn('order', [], {})).toEqual(['own.area'])
    const values = ownValues('order', { 'own.area': '1,250.5', 'own.kinds': [], remark: 'x' })
    expect(values).toEqual({ 'own.area': '1250.50', 'own.kinds': null })
    expect(ownArgs(values)).toEqual({ own: { area: '1250.50' } })
    expect(ownNames({ area: '1250.50' })).toEqual({ 'own.area': '1250.50' })
    expect(ownArgs({})).toEqual({})
  })

  it('are searched without network where the company says so', () => {
    const shop = {
      id: 'a',
      rev: 1,
      root: 'customer:a',
      name: '王记',
      pinyin_code: 'wj',
      'own.fridge': 'Sunny Corner',
    }
    const index = new CustomerIndex()
    index.update([shop])
    expect(index.search('sunny')).toEqual([])
    index.update([shop], [], undefined, ['own.fridge'])
    expect(index.search('sunny')).toEqual([shop])
  })
})
