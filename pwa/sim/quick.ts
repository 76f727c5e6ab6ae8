/** fake-indexeddb for many phones in one process: the same answers, with less work. What is replaced here is what a
 * profile showed; `vite.config.ts` replaces what is not a method. */
import { IDBKeyRange, IDBObjectStore } from 'fake-indexeddb'
import BinarySearchTree from '../node_modules/fake-indexeddb/build/esm/lib/binarySearchTree.js'
import { cmpKeys } from '../node_modules/fake-indexeddb/build/esm/lib/cmp.js'
import RecordStore from '../node_modules/fake-indexeddb/build/esm/lib/RecordStore.js'

interface Entry {
  key: unknown
  value: unknown
}
interface Node {
  record: Entry
  left?: Node
  right?: Node
  deleted: boolean
}
interface Range {
  lower: unknown
  upper: unknown
  lowerOpen: boolean
  upperOpen: boolean
}
interface Tree {
  _root?: Node
  _keysAreUnique: boolean
  getRecords(range: Range, descending?: boolean): Iterator<Entry>
}

const compare = cmpKeys
const tree = BinarySearchTree.prototype as unknown as Tree
const store = RecordStore.prototype as unknown as { keysAreUnique: boolean; records: Tree; get(key: unknown): Entry }
const descendingly = tree.getRecords
const anyKey = store.get

/** Walks up from the first record in the range with a stack, instead of a generator for every node on the way. */
tree.getRecords = function* (this: Tree, range: Range, descending = false): Generator<Entry> {
  if (descending) {
    yield* descendingly.call(this, range, true) as Generator<Entry>
    return
  }
  const { lower, upper, lowerOpen, upperOpen } = range
  const stack: Node[] = []
  const descend = (from: Node | undefined): void => {
    let node = from
    while (node) {
      const side = lower === undefined ? -1 : compare(lower, node.record.key)
      if (side <= 0) stack.push(node)
      node = side < 0 || (side === 0 && !this._keysAreUnique) ? node.left : side === 0 ? undefined : node.right
    }
  }
  descend(this._root)
  for (let node = stack.pop(); node; node = stack.pop()) {
    const { key } = node.record
    const above = upper === undefined ? 1 : compare(upper, key)
    if (above < 0) return
    const inside = above > 0 || !upperOpen
    if (inside && !node.deleted && !(lowerOpen && lower !== undefined && compare(lower, key) === 0)) yield node.record
    descend(node.right)
  }
}

/** One record by its key: straight down. */
store.get = function (this: typeof store, key: unknown) {
  if (!this.keysAreUnique || key instanceof IDBKeyRange) return anyKey.call(this, key)
  let node = this.records._root
  while (node) {
    const side = compare(key, node.record.key)
    if (side === 0) return (node.deleted ? undefined : node.record) as Entry
    node = side < 0 ? node.left : node.right
  }
  return undefined as unknown as Entry
}

/** The databases (of fake-indexeddb) whose disk is full. */
export const FULL_DISKS = new WeakSet<object>()

for (const method of ['put', 'add'] as const) {
  const original = IDBObjectStore.prototype[method] as (this: IDBObjectStore, ...args: unknown[]) => IDBRequest
  IDBObjectStore.prototype[method] = function (this: IDBObjectStore, ...args: unknown[]) {
    const { _rawDatabase } = this.transaction.db as unknown as { _rawDatabase: object }
    if (FULL_DISKS.has(_rawDatabase)) throw new DOMException('no space left', 'QuotaExceededError')
    return original.apply(this, args)
  } as never
}
