import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Plugin } from 'vite'
import { PACK, writePack } from '../src/pack.ts'

const TYPES: Record<string, string> = { js: 'text/javascript', css: 'text/css', png: 'image/png' }

/** Writes the files with hashed names once more, as the one that the service worker fetches. */
export function pack(): Plugin {
  return {
    name: 'xunke-pack',
    apply: 'build',
    writeBundle({ dir }, bundle) {
      if (!dir) this.error('the app is built into a folder')
      const files = Object.values(bundle).flatMap((file) => {
        const type = TYPES[file.fileName.split('.').pop() ?? '']
        if (!file.fileName.startsWith('assets/') || !type) return []
        const content = file.type === 'chunk' ? file.code : file.source
        const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : new Uint8Array(content)
        return [{ path: file.fileName, type, bytes }]
      })
      // Alike beside alike is smaller on its way.
      files.sort((a, b) => (a.type + a.path < b.type + b.path ? -1 : 1))
      writeFileSync(join(dir, PACK), writePack(files))
    },
  }
}
