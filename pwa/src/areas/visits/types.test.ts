import { describe, expect, it } from 'vitest'
import { codeOf, DEFAULT_KINDS, kindFields, progress } from '@/camera/kinds'
import { choosable, kindsOfType, type VisitType } from './types'

const type = (id: string, values: Partial<VisitType> = {}): VisitType => ({
  id,
  rev: 1,
  root: 'company',
  name: id,
  photos: [{ kind: 'storefront', required: 1 }],
  sort: 10,
  is_default: false,
  enabled: true,
  ...values,
})
const usual = type('usual', { is_default: true })
const delivery = type('delivery', {
  photos: [
    { kind: 'freezer', required: 2 },
    { kind: 'storefront', required: 0 },
  ],
})
const types = new Map([usual, delivery].map((one) => [one.id, one]))
const nameOf = (option: string) => (option === 'freezer' ? '冰柜' : undefined)

describe('what a visit asks for', () => {
  it('is what its type says, the company’s own kinds under their own names', () =>
    expect(kindsOfType(types, 'delivery', nameOf)).toEqual([
      { code: 'freezer', required: 2, label: '冰柜' },
      { code: 'storefront', required: 0, label: undefined },
    ]))

  it.each([null, undefined, 'not here yet'])('is what the default type says for the type %s', (id) =>
    expect(kindsOfType(types, id, nameOf).map((kind) => kind.code)).toEqual(['storefront']),
  )

  it('is shop front and shelf before anything has arrived, or where a type says nothing', () => {
    expect(kindsOfType(undefined, null, nameOf)).toEqual(DEFAULT_KINDS)
    expect(kindsOfType(new Map([['x', type('x', { photos: [] })]]), 'x', nameOf)).toEqual(DEFAULT_KINDS)
  })

  it('counts a photo under the kind it was filed under', () => {
    const freezer = { kind: 'other', kind_id: 'freezer' }
    const taken = [freezer, { kind: 'other', kind_id: null }].map((photo) => ({ kind: codeOf(photo) }))
    const [need] = progress(kindsOfType(types, 'delivery', nameOf), taken)
    expect(need).toMatchObject({ code: 'freezer', taken: 1, missing: 1 })
    expect(kindFields('freezer')).toEqual(freezer)
    expect(kindFields('shelf')).toEqual({ kind: 'shelf', kind_id: null })
  })
})

it('types out of use are not offered, the others in their order', () =>
  expect(choosable([type('b', { sort: 20 }), type('c', { enabled: false }), type('a')]).map(({ id }) => id)).toEqual([
    'a',
    'b',
  ]))
