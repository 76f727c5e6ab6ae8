import { expect, test } from 'vitest'
import { fileOwner, filesInShort } from './files'

test.each([
  ['customer', { id: 'wang' }, { customer_id: 'wang' }],
  ['customer', undefined, null],
  ['contact', { id: 'zhao', customer_id: 'wang' }, { customer_id: 'wang' }],
  ['contact', { name: '赵六' }, null],
  ['work_report', undefined, { customer_id: null }],
] as const)('files of a %s %j belong to %j', (record, row, owner) => expect(fileOwner(record, row)).toEqual(owner))

test('files of a list are the first by name, and how many more', () => {
  const names = { a: '合同.docx', b: '附页.txt' }
  expect(filesInShort(['a', 'b'], names)).toBe('合同.docx +1')
  expect(filesInShort(['gone', 'b'], names)).toBe('附页.txt')
  expect(filesInShort(null, names)).toBe('')
})
