import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, constants } from 'node:zlib'
import type { Plugin } from 'vite'
import { PACK, writePack } from '../src/pack.ts'

const TYPES: Record<string, string> = { js: 'text/javascript', css: 'text/css', png: 'image/png' }
const compress = promisify(brotliCompress)

/**
 * Writes the files with hashed names once more, as the one that the service worker fetches; and text beside it as `.br`:
 * the server sends it as it is, where compressing it for every phone would hold up the others.
 */
export function pack(): Plugin {
  return {
    name: 'xunke-pack',
    apply: 'build',
    async writeBundle({ dir }, bundle) {
      if (!dir) return this.error('the app is built into a folder')
      const files = Object.values(bundle).flatMap((file) => {
        const type = TYPES[file.fileName.split('.').pop() ?? '']
        if (!file.fileName.startsWith('assets/') || !type) return []
        const content = file.type === 'chunk' ? file.code : file.source
        const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : new Uint8Array(content)
        return [{ path: file.fileName, type, bytes }]
      })
      // Alike beside alike is smaller on its way.
      files.sort((a, b) => (a.type + a.path < b.type + b.path ? -1 : 1))
      const whole = { path: PACK, type: '', bytes: writePack(files) }
      await writeFile(join(dir, PACK), whole.bytes)
      await Promise.all(
        [whole, ...files.filter(({ type }) => !type.startsWith('image/'))].map(async ({ path, bytes }) => {
          const small = await compress(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } })
          await writeFile(join(dir, `${path}.br`), small)
        }),
      )
    },
  }
}
