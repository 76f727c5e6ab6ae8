// tus-js-client, driven from a test: reads what to do as JSON on stdin, prints one JSON line for each thing that happens.
import { createRequire } from 'node:module'
import { readFileSync } from 'node:fs'

const require = createRequire(new URL('../../pwa/package.json', import.meta.url))
const tus = require('tus-js-client')
const told = JSON.parse(readFileSync(0, 'utf8'))
const say = (event) => process.stdout.write(JSON.stringify(event) + '\n')

const upload = new tus.Upload(readFileSync(told.file), {
  endpoint: told.url,
  uploadUrl: told.uploadUrl ?? null,
  headers: { Cookie: told.cookie },
  chunkSize: told.chunk,
  metadata: { sha256: told.sha256 },
  uploadDataDuringCreation: told.together ?? false,
  retryDelays: [100, 500, 1000, 2000, 4000, 4000, 8000, 8000, 8000],
  onAfterResponse: (request, response) =>
    say({ method: request.getMethod(), status: response.getStatus(), offset: response.getHeader('Upload-Offset') }),
  onChunkComplete: (_size, accepted) => {
    say({ accepted })
    if (told.stopAt && accepted >= told.stopAt) void upload.abort().then(() => say({ end: 'stopped', url: upload.url }))
  },
  onSuccess: () => say({ end: 'stored', url: upload.url }),
  onError: (error) => say({ end: 'failed', status: error.originalResponse?.getStatus(), message: error.message }),
})
upload.start()
