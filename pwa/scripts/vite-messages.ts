/**
 * Compiles message files (`src/**\/i18n*.json`, `src/i18n/*.json`, `src/generated/labels.*.json`) while bundling.
 *
 * Messages without placeholders stay strings; the others become functions. So the app ships neither vue-i18n's message
 * compiler nor anything that needs `unsafe-eval`, and a broken message fails the build instead of the screen.
 */
import { baseCompile } from '@intlify/message-compiler'
import type { Plugin } from 'vite'

const messageFile =
  /\/src\/(?:i18n\/[\w-]+|(?:camera|sync|areas\/[\w-]+)\/i18n\.[\w-]+|generated\/labels\.[\w-]+)\.json$/

type Tree = { [key: string]: string | Tree }

/** `{a: {b: 'x'}}` becomes `{'a.b': 'x'}`; keys that already hold dots stay as they are. */
export function flatten(tree: Tree, prefix = ''): Record<string, string> {
  const flat: Record<string, string> = {}
  for (const [key, value] of Object.entries(tree)) {
    const name = prefix + key
    if (typeof value === 'string') flat[name] = value
    else Object.assign(flat, flatten(value, `${prefix}${key}.`))
  }
  return flat
}

/**
 * An area's keys get the area's name in front. In labels, which the server generates, only `{name}` means something:
 * an e-mail address or a bar in them is text.
 */
export function compileMessages(source: string, file: string): string {
  const area = /\/areas\/([\w-]+)\//.exec(file)?.[1]
  const generated = file.includes('/generated/')
  const lines = Object.entries(flatten(JSON.parse(source) as Tree, area ? `${area}.` : '')).map(([key, text]) => {
    const message = generated ? text.replace(/[@|]/g, "{'$&'}") : text
    if (!/[{|@]/.test(message)) return `${JSON.stringify(key)}: ${JSON.stringify(message)}`
    const { code } = baseCompile(message, {
      mode: 'arrow',
      onError: (error) => {
        throw new Error(`${file}: ${key}: ${error.message}`)
      },
    })
    return `${JSON.stringify(key)}: ${code}`
  })
  return `export default {\n${lines.join(',\n')}\n}\n`
}

export function messages(): Plugin {
  return {
    name: 'xunke-messages',
    enforce: 'pre',
    transform(source, id) {
      const file = id.split('?')[0] ?? id
      if (!messageFile.test(file)) return null
      return { code: compileMessages(source, file), map: { mappings: '' }, moduleType: 'js' }
    },
  }
}
