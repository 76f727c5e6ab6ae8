/** The inner files of fake-indexeddb that quick.ts improves have no types of their own. */
declare module '*/fake-indexeddb/build/esm/lib/binarySearchTree.js' {
  const tree: new () => object
  export default tree
}
declare module '*/fake-indexeddb/build/esm/lib/cmp.js' {
  export const cmpKeys: (first: unknown, second: unknown) => number
}
declare module '*/fake-indexeddb/build/esm/lib/RecordStore.js' {
  const store: new () => object
  export default store
}
