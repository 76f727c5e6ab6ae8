// s3rver on a free port of this machine; says which, and ends with its standard input.
import { createRequire } from 'node:module'

const require = createRequire(new URL('../../pwa/package.json', import.meta.url))
const { default: S3rver } = await import(require.resolve('@20minutes/s3rver'))
const server = new S3rver({
  port: 0,
  address: '127.0.0.1',
  silent: true,
  directory: process.argv[2],
  configureBuckets: [{ name: 'photos' }],
})
const { port } = await server.run()
process.stdout.write(`${port}\n`)
process.stdin.resume().on('end', () => process.exit(0))
