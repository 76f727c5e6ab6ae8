import { quasar } from '@quasar/vite-plugin'
import vue from '@vitejs/plugin-vue'
import { fileURLToPath } from 'node:url'
import { VitePWA } from 'vite-plugin-pwa'
import { defineConfig } from 'vitest/config'
import { manifest } from './scripts/manifest.ts'
import { messages } from './scripts/vite-messages.ts'
import { noEval } from './scripts/vite-no-eval.ts'
import { pack } from './scripts/vite-pack.ts'

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url))
const api = process.env.XUNKE_API ?? 'http://127.0.0.1:8000'

export default defineConfig({
  plugins: [
    messages(),
    noEval(),
    pack(),
    vue(),
    quasar({ sassVariables: path('src/css/quasar.variables.scss') }),
    VitePWA({
      strategies: 'injectManifest',
      srcDir: 'src',
      filename: 'sw.ts',
      registerType: 'prompt',
      injectRegister: false,
      manifest,
      manifestFilename: 'manifest.webmanifest',
      injectManifest: {
        globPatterns: ['**/*.{js,css,html,svg,png,json,woff2}'],
        maximumFileSizeToCacheInBytes: 4 * 1024 * 1024,
      },
    }),
  ],
  resolve: {
    alias: {
      '@': path('src'),
      'vue-i18n': path('node_modules/vue-i18n/dist/vue-i18n.runtime.mjs'),
    },
  },
  define: {
    __VUE_OPTIONS_API__: true,
    __VUE_PROD_DEVTOOLS__: false,
    __VUE_I18N_FULL_INSTALL__: false,
    __VUE_I18N_LEGACY_API__: false,
    __INTLIFY_DROP_MESSAGE_COMPILER__: true,
    __INTLIFY_PROD_DEVTOOLS__: false,
  },
  css: {
    preprocessorOptions: {
      // Quasar's own sass still uses @import and global functions; its warnings are not ours to fix.
      sass: { quietDeps: true, silenceDeprecations: ['import', 'global-builtin'] },
      scss: { quietDeps: true, silenceDeprecations: ['import', 'global-builtin'] },
    },
  },
  build: {
    outDir: 'dist',
    target: ['chrome109', 'safari16', 'firefox115'],
    assetsInlineLimit: 0, // a strict CSP has no data: for scripts and fonts
    sourcemap: false,
    chunkSizeWarningLimit: 900,
  },
  server: {
    port: 5173,
    proxy: Object.fromEntries(['/api', '/sync/v1', '/media/v1'].map((base) => [base, { target: api }])),
  },
  test: {
    environment: 'node',
    // A busy machine is no defect: only what hangs fails.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    include: ['src/**/*.test.ts', 'scripts/**/*.test.ts'],
    server: { deps: { inline: ['vue-i18n'] } },
  },
})
