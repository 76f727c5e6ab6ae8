import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { lackingIn, placedIn } from '@/ui/arrangedForm'
import { bySection, complete, fieldsOfForm, recordNamed, useDeclarations } from '@/ui/declarations'
import { columnsOf, setLayouts, type Arrangement } from '@/ui/layout'
import { setOwnFields, type OwnFieldRow } from '@/ui/own'
import {
  columnsIn,
  columnsToSave,
  formOf,
  groupMoved,
  isNeeded,
  itemsOf,
  mayBeAsked,
  moved,
  fieldsOf,
  whyShown,
  type Item,
} from './arranging'

const own = (key: string, more: Partial<OwnFieldRow> = {}): OwnFieldRow => ({
  id: key,
  record_type: 'customer',
  key,
  name: key,
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
  ...more,
})
const words = (items: readonly Item[]) =>
  items.map((item) => (item.kind === 'group' ? `[${item.group.key}]` : item.place.field))
const layout = (part: Partial<Arrangement>) =>
  setLayouts([{ id: 'l', record_type: 'customer', groups: [], form: [], columns: null, ...part }])

const PAYMENT = complete({
  sections: ['main'],
  forms: {
    payment: { entered: ['amount', 'method_id', 'remark'], needed: ['amount'] },
    report_existing: { entered: ['content', 'demand'], record: 'report' },
  },
  records: {
    payment: {
      name: 'payment',
      title_field: 'amount',
      fields: [
        { name: 'amount', kind: 'money', required: true, readonly: true },
        { name: 'method_id', kind: 'ref', readonly: true },
        { name: 'booked_by', kind: 'ref', readonly: true },
        { name: 'remark', kind: 'text', readonly: true },
      ],
    },
    report: {
      name: 'report',
      title_field: 'content',
      fields: [
        { name: 'content', kind: 'longtext', required: true },
        { name: 'demand', kind: 'longtext' },
      ],
    },
  },
})

describe('a form and a list as the company arranges them', () => {
  beforeEach(() => {
    useDeclarations(
      complete({
        sections: ['main', 'contact', 'own'],
        forms: PAYMENT.forms,
        records: {
          ...PAYMENT.records,
          customer: {
            name: 'customer',
            title_field: 'name',
            fields: [
              { name: 'name', kind: 'text', required: true, listed: true },
              { name: 'city', kind: 'text' },
              { name: 'no', kind: 'text', readonly: true, listed: true },
              { name: 'fax', kind: 'phone', section: 'contact' },
            ],
          },
        },
      }),
    )
    setOwnFields([own('ice', { listed: true }), own('gone', { hidden: true, sort: 20 })], null)
  })
  afterEach(() => {
    setLayouts([])
    setOwnFields([], null)
  })
  const fields = () => recordNamed('customer').fields

  it('begins as the product has it, own fields among the others', () => {
    expect(words(itemsOf('customer', undefined))).toEqual([
      '[main]', 'name', 'city', 'no', '[contact]', 'fax', '[own]', 'own.ice', 'own.gone',
    ]) // prettier-ignore
    expect(columnsIn('customer', undefined).filter(({ shown }) => shown).map(({ field }) => field)).toEqual([
      'name', 'no', 'own.ice',
    ]) // prettier-ignore
  })

  it('is drawn in its order and groups, required and hidden; what came later stands at the end', () => {
    layout({
      groups: [{ key: 'shop', name: '门店' }],
      form: [
        { field: 'own.ice', group: 'shop', width: 'full' },
        { field: 'city', group: 'shop', required: true },
        { field: 'no', group: 'main', required: true },
        { field: 'fax', group: 'shop', hidden: true },
      ],
    })
    expect(
      bySection(fields(), 'customer').map(({ section, fields: of }) => [section, of.map(({ name }) => name)]),
    ).toEqual([
      ['shop', ['own.ice', 'city', 'fax']],
      ['main', ['no', 'name']],
    ])
    const named = (name: string) => fields().find((field) => field.name === name)
    expect([named('city')?.required, named('fax')?.hidden, named('own.ice')?.width]).toEqual([true, true, 'full'])
    // What people do not write is not asked of them.
    expect(named('no')?.required).toBe(false)
  })

  it('has the columns that were chosen, and an own field that is listed since', () => {
    layout({ columns: [{ field: 'city' }, { field: 'name', width: 20 }] })
    expect(columnsOf('customer', fields())).toEqual(['city', 'name', 'own.ice'])
    setOwnFields([own('ice')], null)
    layout({ columns: [{ field: 'city' }, { field: 'own.ice' }] })
    expect(columnsOf('customer', fields())).toEqual(['city'])
  })

  it('says nothing of columns until somebody has chosen some', () => {
    const columns = columnsIn('customer', undefined)
    expect(columnsToSave('customer', undefined, columns)).toBeNull()
    const other = columns.map((one) => (one.field === 'city' ? { ...one, shown: true } : one))
    expect(columnsToSave('customer', undefined, other)?.map(({ field }) => field)).toContain('city')
    const chosen = { groups: [], form: [], columns: [{ field: 'name' }] }
    expect(columnsToSave('customer', chosen, columns)).toHaveLength(3)
  })

  it('comes back from the editor as it went in', () => {
    const items = itemsOf('customer', undefined)
    const { groups, form } = formOf(items)
    expect(words(itemsOf('customer', { groups, form, columns: null }))).toEqual(words(items))
    expect(form.find(({ field }) => field === 'own.gone')?.hidden).toBe(true)
  })

  it('moves fields between groups and groups as a whole, and always begins with a group', () => {
    const items = itemsOf('customer', undefined)
    expect(words(moved(items, 2, 4)).slice(0, 5)).toEqual(['[main]', 'name', 'no', '[contact]', 'city'])
    expect(words(moved(items, 1, 0))[0]).toBe('[main]')
    expect(words(moved(items, 0, 3))).toEqual(words(items))
    expect(words(groupMoved(items, 4, -1)).slice(0, 3)).toEqual(['[contact]', 'fax', '[main]'])
    expect(words(groupMoved(items, 0, -1))).toEqual(words(items))
  })

  it('knows what cannot be hidden and what cannot be asked for', () => {
    const [name, city, no] = fieldsOf('customer')
    expect([isNeeded(name!), isNeeded(city!)]).toEqual([true, false])
    expect([mayBeAsked('customer', city!), mayBeAsked('customer', no!)]).toEqual([true, false])
    // On screens made by hand what they have counts, and a rule of the product says why something stays.
    const [amount, method, booked] = fieldsOf('payment')
    expect([amount, method, booked].map((field) => mayBeAsked('payment', field!))).toEqual([false, true, false])
    expect([amount, method].map((field) => whyShown('payment', field!, '因为'))).toEqual(['因为', null])
  })

  it('gives the second form of a record fields and places of its own', () => {
    expect(words(itemsOf('report_existing', undefined))).toEqual(['[main]', 'content', 'demand'])
    setLayouts([
      { id: 'a', record_type: 'report', groups: [], form: [{ field: 'demand', group: 'main', required: true }], columns: null },
      { id: 'b', record_type: 'report_existing', groups: [], form: [{ field: 'content', group: 'main', hidden: true }], columns: null },
    ]) // prettier-ignore
    const state = (form: string) =>
      Object.fromEntries(fieldsOfForm(form).map(({ name, required, hidden }) => [name, [required, hidden]]))
    expect(state('report')).toEqual({ content: [true, false], demand: [true, false] })
    expect(state('report_existing')).toEqual({ content: [true, true], demand: [false, false] })
  })
})

describe('a screen made by hand', () => {
  const shown = () =>
    placedIn('payment', ['amount', 'method_id', 'remark']).map(({ section, fields: of }) => [
      section,
      of.map(({ name, required }) => name + (required ? '*' : '')),
    ])
  beforeEach(() => useDeclarations(PAYMENT))
  afterEach(() => setLayouts([]))

  it('is as it was made until the company arranges it', () =>
    expect(shown()).toEqual([[null, ['amount', 'method_id', 'remark']]]))

  it('follows order, groups, required and hidden, and says what lacks', () => {
    setLayouts([
      {
        id: 'p',
        record_type: 'payment',
        groups: [{ key: 'how', name: '怎么付的' }],
        form: [
          { field: 'method_id', group: 'how', required: true },
          { field: 'amount', group: 'main' },
          { field: 'remark', group: 'how', hidden: true },
        ],
        columns: null,
      },
    ])
    expect(shown()).toEqual([
      ['how', ['method_id*']],
      ['main', ['amount']],
    ])
    const lacks = (values: Record<string, unknown>) => lackingIn('payment', ['amount', 'method_id', 'remark'], values)
    expect(lacks({ amount: '1.00' })).toEqual(['method_id'])
    expect(lacks({ amount: '1.00', method_id: 'cash' })).toEqual([])
  })
})
