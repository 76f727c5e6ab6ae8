/** Bundles the simulator for Node: `vite build -c sim/vite.config.ts --outDir …`. The engine and the areas' reducers are
 * the app's own. */
import { fileURLToPath } from 'node:url'
import { defineConfig, type Plugin } from 'vite'

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url))

/** In each of these files the first text is replaced by the second: what a profile of many phones in one process showed. */
const SHORTCUTS: Array<[file: string, from: string, to: string]> = [
  // An index of a field that is empty: no exception with a stack for each row.
  [
    'lib/Index.js',
    'return valueToKey(indexKey);',
    'if (indexKey === null || indexKey === undefined) return; return valueToKey(indexKey);',
  ],
  // Nearly all keys are strings.
  [
    'lib/cmp.js',
    'const t1 = getType(first);',
    'if (typeof first === "string" && typeof second === "string") return first < second ? -1 : first > second ? 1 : 0; const t1 = getType(first);',
  ],
]

function quickStore(): Plugin {
  return {
    name: 'quick-store',
    transform(code, id) {
      if (!id.includes('/fake-indexeddb/build/esm/')) return null
      let text = code
      for (const [file, from, to] of SHORTCUTS) {
        if (!id.endsWith(file)) continue
        if (!text.includes(from)) throw new Error(`fake-indexeddb has changed: ${file}`)
        text = text.replace(from, to)
      }
      if (text.includes('structuredClone(')) {
        text = `import { clone as quickClone } from ${JSON.stringify(path('clone.ts'))}\n${text.replaceAll('structuredClone(', 'quickClone(')}`
      }
      return text === code ? null : { code: text, map: null }
    },
  }
}

export default defineConfig({
  root: path('.'),
  plugins: [quickStore()],
  resolve: { alias: { '@': path('../src') } },
  ssr: { noExternal: true },
  logLevel: 'warn',
  build: {
    ssr: path('main.ts'),
    emptyOutDir: true,
    target: 'node22',
    minify: false,
    sourcemap: 'inline',
  },
})
