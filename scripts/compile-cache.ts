// npm runs this after `npm ci` (`prepare`): compiles the server's modules and keeps the result where `npm start` looks for it, so that
// the first start is as quick as the later ones.

import module from 'node:module'

module.enableCompileCache()
await import('../src/cli/run.ts')
await import('../src/cli/commands/serve.ts')
await import('../src/server/config/load.ts')
await import('../src/server/index.ts')
module.flushCompileCache()
