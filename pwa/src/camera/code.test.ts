// @vitest-environment node
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { photoCode, readCode } from './code'

it('is the code that the server works out (tests/media/test_codes.py)', () => {
  expect(photoCode('ab'.repeat(32))).toBe('NENT-QAXB-NENZ')
  expect(photoCode('0'.repeat(64))).toBe('0000-0000-0000')
  expect(photoCode(`0123456789abcdef${'0'.repeat(48)}`)).toBe('04HM-ASW9-NF6G')
})

it('is read however it is typed, and one wrong letter is noticed', () => {
  const hash = fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: 64, maxLength: 64 })
  const letter = fc.constantFrom(...'0123456789ABCDEFGHJKMNPQRSTVWXYZ')
  fc.assert(
    fc.property(hash, fc.nat(11), letter, (sha256, place, other) => {
      const code = photoCode(sha256)
      const plain = code.replaceAll('-', '')
      expect(readCode(` ${plain.toLowerCase().replaceAll('0', 'o').replaceAll('1', 'l')} `)).toBe(code)
      const typed = plain.slice(0, place) + other + plain.slice(place + 1)
      expect(readCode(typed)).toBe(typed === plain ? code : null)
    }),
  )
})

it('is nothing else', () => {
  for (const typed of ['', '----', 'NENT-QAXB-NEN', 'NENT-QAXB-NENZZ', '核验码核验码核验码核验']) {
    expect(readCode(typed)).toBeNull()
  }
})
