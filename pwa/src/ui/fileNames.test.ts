import { expect, test } from 'vitest'
import { cleanName, kindOf, MOST_FILE_BYTES, refusal } from './fileNames'

test.each([
  ['../../etc/合同.txt', '合同.txt'],
  ['C:\\temp\\合同.docx', '合同.docx'],
  ['合同\u202excod.exe.txt', '合同xcod.exe.txt'],
  ['a:b?.txt', 'a_b_.txt'],
  ['con.txt', '_con.txt'],
  ['  合同 .txt. ', '合同.txt'],
  ['e\u0301.txt', '\u00e9.txt'],
])('the name %j is kept as %j', (given, kept) => expect(cleanName(given)).toBe(kept))

test('a long name is cut between characters and keeps its ending', () => {
  const name = cleanName(`${'𠮷合'.repeat(60)}.docx`)
  expect(new TextEncoder().encode(name).byteLength).toBeLessThanOrEqual(255)
  expect(name.endsWith('.docx')).toBe(true)
  expect(name).not.toMatch(/\ufffd/)
})

test('what the company would not take is told before it is stored', () => {
  expect(kindOf('照片.JPEG')).toBe('jpg')
  expect(refusal('a.txt', 1)).toBeNull()
  expect(refusal('a.txt', MOST_FILE_BYTES)).toBeNull()
  expect(refusal('a.txt', MOST_FILE_BYTES + 1)?.code).toBe('file_too_large')
  expect(refusal('a.txt', 0)?.code).toBe('file_empty')
  expect(refusal('a.docm', 5)?.code).toBe('file_macros')
  expect(refusal('a.exe', 5)).toMatchObject({ code: 'file_type_not_allowed', params: { ending: 'exe' } })
  expect(refusal('.txt', 5)?.code).toBe('file_type_not_allowed')
})
