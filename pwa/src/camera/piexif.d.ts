// The package names files as its `module` and `browser` entries that it does not ship, so bundlers fail on the bare
// name. The one file it has is imported by its path; the types are the package's own, but for the two tables that
// exif.ts indexes.
declare module 'piexif-ts/dist/piexif.js' {
  export { dump, load, Tags, TagValues, Types } from 'piexif-ts'
}
