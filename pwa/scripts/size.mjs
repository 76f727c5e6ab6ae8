/**
 * Measures the first load: what index.html fetches before anything shows (its scripts, their static imports, its style
 * sheets), gzipped. Fails when it grows past the budget.
 */
import { readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { gzipSync } from 'node:zlib'

const BUDGET = { js: 170_000, css: 40_000 } // bytes, gzip
const dist = new URL('../dist/', import.meta.url).pathname

const html = readFileSync(join(dist, 'index.html'), 'utf8')
const files = new Set()

/** Static imports only: `import(...)` is what the budget pushes things into. */
function follow(file) {
  if (files.has(file)) return
  files.add(file)
  if (!file.endsWith('.js')) return
  const code = readFileSync(join(dist, file), 'utf8')
  for (const [, path] of code.matchAll(
    /(?:^|[;}\n])\s*(?:import|export)\s*(?:[\w*{][^'"();]*?from\s*)?["'](\.{1,2}\/[^"']+\.js)["']/g,
  )) {
    follow(normalize(join(dirname(file), path)))
  }
}

for (const [tag] of html.matchAll(/<(?:script|link)\b[^>]*>/g)) {
  const path = /(?:src|href)="\/([^"]+)"/.exec(tag)?.[1]
  if (path && (tag.startsWith('<script') || /rel="(?:modulepreload|stylesheet)"/.test(tag))) follow(path)
}

const total = { js: 0, css: 0 }
for (const file of [...files].sort()) {
  const kind = file.endsWith('.css') ? 'css' : 'js'
  const bytes = gzipSync(readFileSync(join(dist, file)), { level: 9 }).length
  total[kind] += bytes
  console.log(`${(bytes / 1000).toFixed(1).padStart(8)} kB  ${file}`)
}
let failed = false
for (const kind of ['js', 'css']) {
  const over = total[kind] > BUDGET[kind]
  failed ||= over
  console.log(
    `${kind.padEnd(4)} ${(total[kind] / 1000).toFixed(1)} kB of ${BUDGET[kind] / 1000} kB gzip${over ? '  TOO LARGE' : ''}`,
  )
}
process.exit(failed ? 1 : 0)
