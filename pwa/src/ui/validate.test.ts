import { describe, expect, it } from 'vitest'
import { completeField, type FieldDeclaration, type Kind } from './declarations'
import { complaint, toWire } from './validate'

const field = (kind: Kind, more: Partial<FieldDeclaration> = {}) => completeField({ name: 'x', kind, ...more })

describe('a declared field', () => {
  it('complains about what is missing, but not about an unticked box', () => {
    expect(complaint(field('text', { required: true }), '  ')).toEqual({ key: 'required_missing' })
    expect(complaint(field('bool', { required: true }), null)).toBeNull()
    expect(complaint(field('text'), '')).toBeNull()
  })

  it('counts characters as people do', () => {
    expect(complaint(field('text', { max_length: 2 }), '𠮷野')).toBeNull()
    expect(complaint(field('text', { max_length: 2 }), '一二三')).toEqual({ key: 'too_long', params: { max: 2 } })
  })

  it('compares numbers as decimals', () => {
    expect(complaint(field('quantity', { min: 0 }), '-1')).toEqual({ key: 'too_small', params: { min: 0 } })
    expect(complaint(field('money', { max: '9.99' }), '10')).toEqual({ key: 'too_large', params: { max: '9.99' } })
    expect(complaint(field('money'), '1.234')).toEqual({ key: 'bad_number' })
    expect(complaint(field('int'), '1.5')).toEqual({ key: 'bad_number' })
  })

  it('takes telephone numbers as they are written here', () => {
    for (const good of ['13800138000', '0532-8588 1234', '+86 138 0013 8000', '85881234转801']) {
      expect(complaint(field('phone'), good)).toBeNull()
    }
    expect(complaint(field('phone'), '王经理')).toEqual({ key: 'bad_phone' })
  })

  it('sends what the protocol wants', () => {
    expect(toWire(field('price'), '１２.5')).toBe('12.5000')
    expect(toWire(field('money'), '1,200')).toBe('1200.00')
    expect(toWire(field('int'), '12')).toBe(12)
    expect(toWire(field('text'), ' 王记 ')).toBe('王记')
    expect(toWire(field('text'), ' ')).toBeNull()
    expect(toWire(field('refs'), null)).toEqual([])
    expect(toWire(field('bool'), null)).toBe(false)
  })
})
