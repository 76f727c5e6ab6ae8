/** Bundles the simulator for Node: `vite build -c sim/vite.config.ts --outDir …`. The engine and the areas' reducers are the app's own. */
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vite'

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url))

export default defineConfig({
  root: path('.'),
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
